// --preset NAME: the settings of a named run, in place of options that are not given by hand.
import { type FamilyId, FewstepError, families, presetNamed } from "@fewstep/core";
import type { RequestOptions } from "./request-options.js";

/** The options filled from the preset, if one is named, and its prompt where there is none. @throws FewstepError `unknown-preset` */
export function withPreset<T extends RequestOptions>(
  prompt: string | undefined,
  options: T,
): { readonly prompt: string | undefined; readonly options: T } {
  if (options.preset === undefined) return { prompt, options };
  const { accelerator, strength, settings, prompt: own } = presetNamed(options.preset);
  const isListed = options.timesteps !== undefined || options.sigmas !== undefined;
  const filled = {
    accelerator,
    acceleratorStrength: strength,
    like: settings.tool === "fewstep" ? undefined : settings.tool,
    ...(isListed ? {} : { steps: settings.steps, schedule: settings.scheduler }),
    cfg: [settings.cfg],
    sampler: settings.sampler,
  };
  return { prompt: prompt ?? own, options: { ...filled, ...options } };
}

/** The family that the preset's run is on. */
export const presetBase = ({ preset }: RequestOptions): FamilyId | undefined =>
  preset === undefined ? undefined : presetNamed(preset).base;

/** @throws FewstepError `preset-base` where the preset is of another family than the model */
export function checkPresetBase(options: RequestOptions, family: FamilyId): void {
  const { preset } = options;
  const base = presetBase(options) ?? family;
  if (base === family) return;
  throw new FewstepError({
    code: "preset-base",
    message: `${preset} is a run on ${families[base].title}`,
    found: `a ${families[family].title} model`,
    expected: `a ${families[base].title} model`,
  });
}
