// No --model: the small model that ships with fewstep, its usual settings, and its own LoRAs for --accelerator lcm, lightning, hyper or turbo.
// Whatever was written by hand stays.
import { recogniseFile } from "@fewstep/core";
import { givenFile, openFile } from "@fewstep/core/node";
import { NO_ACCELERATOR } from "./accelerate-run.js";
import { type LoraOption, parseLora } from "./lora-option.js";
import type { RequestOptions } from "./request-options.js";

export interface EmbeddedRun<T> {
  readonly options: T;
  /** What was taken, for the user; undefined where a model was named. */
  readonly note?: string;
}

/** A LoRA in a prompt may be an accelerator, and then brings its own settings. */
const LORA_TAG = /<(?:lora|lyco|lycoris):/i;

/**
 * The options as they are where a model is named, or where none is embedded.
 * @param prompts as they are written, for the LoRAs in them
 */
export async function withEmbeddedModel<T extends RequestOptions>(
  options: T,
  prompts: readonly string[] = [],
): Promise<EmbeddedRun<T>> {
  if (options.model !== undefined) return { options };
  const { TINY_SIZE, TINY_VARIANTS, tinyLora, tinyModel } = await import("@fewstep/tiny/model");
  const model = (await tinyModel())?.path;
  if (model === undefined) return { options };
  const own = await ownAccelerator(options.accelerator);
  const lora = own && (await areStyles(options.lora)) ? (await tinyLora(own))?.path : undefined;
  const note = `no --model: the embedded model of ${TINY_SIZE}x${TINY_SIZE} pixels`;
  if (own !== undefined && lora !== undefined) {
    const loras = [...options.lora, parseLora(lora)];
    return { options: { ...options, model, lora: loras, accelerator: TINY_VARIANTS[own] }, note };
  }
  const { accelerator = NO_ACCELERATOR } = options;
  if (accelerator !== NO_ACCELERATOR || options.lora.length > 0 || prompts.some((text) => LORA_TAG.test(text)))
    return { options: { ...options, model }, note };
  const usual = await usualSettings(options);
  const said = usual.steps === undefined ? note : `${note}, ${usual.steps} steps`;
  return { options: { ...usual, ...options, model }, note: said };
}

/** The accelerator of the embedded model that a name means. */
export async function ownAccelerator(name = NO_ACCELERATOR) {
  const { TINY_ACCELERATORS, TINY_VARIANTS } = await import("@fewstep/tiny/model");
  return TINY_ACCELERATORS.find((own) => [own, TINY_VARIANTS[own]].includes(name));
}

/** The model's settings, each where nothing that it belongs to is said: a sampler of one's own has its own schedule. */
async function usualSettings({ steps, timesteps, sigmas, sampler, schedule, like }: RequestOptions) {
  const { TINY_SETTINGS: usual } = await import("@fewstep/tiny/model");
  const isListed = timesteps !== undefined || sigmas !== undefined;
  const isOwnSampling = isListed || sampler !== undefined || like !== undefined;
  return {
    cfg: [usual.guidance],
    ...(steps === undefined && !isListed ? { steps: usual.steps } : {}),
    ...(isOwnSampling ? {} : { sampler: usual.sampler }),
    ...(isOwnSampling || schedule !== undefined ? {} : { schedule: usual.schedule }),
  };
}

/** Whether an accelerator is still missing: no file given looks like one. What cannot be read is told of where it is used. */
async function areStyles(loras: readonly LoraOption[]): Promise<boolean> {
  const found = await Promise.all(
    loras.map(async ({ file }) => {
      try {
        const source = await openFile(file);
        return givenFile(source, await recogniseFile(source))?.recognition.candidates.length === 0;
      } catch {
        return false;
      }
    }),
  );
  return found.every((isStyle) => isStyle);
}
