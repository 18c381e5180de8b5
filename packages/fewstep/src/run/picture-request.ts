// What the picture options ask for, with the files read: a part of the request. An option whose leading option is missing is an error,
// never ignored.
import { type FamilyId, FewstepError, type GenerateRequest, maskFromGrey } from "@fewstep/core";
import type { PictureOptions } from "./picture-options.js";
import { readPicture } from "./read-picture.js";
import { namedSampling } from "./request-options.js";

export type PictureRequest = Pick<GenerateRequest, "init" | "mask" | "hires" | "seamless" | "nag">;

type Name = keyof PictureOptions;

/** Options that say how, below the option that says what. */
const needs: readonly (readonly [leading: Name, flag: string, others: readonly (readonly [Name, string])[]])[] = [
  [
    "init",
    "--init FILE",
    [
      ["strength", "--strength"],
      ["fit", "--fit"],
      ["encode", "--encode"],
      ["mask", "--mask"],
    ],
  ],
  [
    "mask",
    "--mask FILE",
    [
      ["maskBlur", "--mask-blur"],
      ["maskPaint", "--mask-paint"],
      ["paste", "--paste"],
    ],
  ],
  [
    "hires",
    "--hires SCALE",
    [
      ["hiresUpscale", "--hires-upscale"],
      ["hiresFilter", "--hires-filter"],
      ["hiresSteps", "--hires-steps"],
      ["hiresSampler", "--hires-sampler"],
      ["hiresSchedule", "--hires-schedule"],
      ["hiresTimesteps", "--hires-timesteps"],
      ["hiresSigmas", "--hires-sigmas"],
      ["hiresStrength", "--hires-strength"],
      ["hiresGuidance", "--hires-guidance"],
    ],
  ],
  [
    "nag",
    "--nag",
    [
      ["nagTau", "--nag-tau"],
      ["nagAlpha", "--nag-alpha"],
    ],
  ],
];

/** @throws FewstepError `option-needs-another` */
function checkLeading(options: PictureOptions): void {
  for (const [leading, flag, others] of needs) {
    if (options[leading] !== undefined) continue;
    const lonely = others.find(([name]) => options[name] !== undefined);
    if (lonely === undefined) continue;
    throw new FewstepError({
      code: "option-needs-another",
      message: `${lonely[1]} means nothing alone`,
      found: `${lonely[1]} without ${flag}`,
      hint: `add ${flag}, or leave ${lonely[1]} out`,
    });
  }
}

/** @throws FewstepError `option-needs-another`, and the codes of readPicture */
export async function pictureRequest(
  options: PictureOptions,
  family: FamilyId,
  signal: AbortSignal,
): Promise<PictureRequest> {
  checkLeading(options);
  const { seamless } = options;
  const init = await initOf(options, signal);
  const mask = await maskOf(options, signal);
  const [hires, nag] = [hiresOf(options, family), nagOf(options)];
  return {
    ...(init && { init }),
    ...(mask && { mask }),
    ...(hires && { hires }),
    ...(seamless && { seamless }),
    ...(nag && { nag }),
  };
}

async function initOf(
  { init, strength, fit, encode }: PictureOptions,
  signal: AbortSignal,
): Promise<PictureRequest["init"]> {
  if (init === undefined) return undefined;
  return {
    picture: await readPicture(init, signal),
    ...(strength === undefined ? {} : { strength }),
    ...(fit === undefined ? {} : { fit }),
    ...(encode === undefined ? {} : { encode }),
  };
}

async function maskOf(
  { mask, maskBlur, maskPaint, paste }: PictureOptions,
  signal: AbortSignal,
): Promise<PictureRequest["mask"]> {
  if (mask === undefined) return undefined;
  return {
    mask: maskFromGrey(await readPicture(mask, signal)),
    ...(maskBlur === undefined ? {} : { blur: maskBlur }),
    ...(maskPaint === undefined ? {} : { paint: maskPaint }),
    ...(paste === undefined ? {} : { paste }),
  };
}

function hiresOf(options: PictureOptions, family: FamilyId): PictureRequest["hires"] {
  const { hires, hiresUpscale, hiresFilter, hiresSteps, hiresStrength, hiresGuidance } = options;
  if (hires === undefined) return undefined;
  const sampling = {
    ...namedSampling(options.hiresSampler, options.hiresSchedule, family),
    ...(options.hiresTimesteps && { timesteps: options.hiresTimesteps }),
    ...(options.hiresSigmas && { sigmas: options.hiresSigmas }),
  };
  return {
    ...hires,
    ...(hiresUpscale === undefined ? {} : { upscale: hiresUpscale }),
    ...(hiresFilter === undefined ? {} : { filter: hiresFilter }),
    ...(hiresSteps === undefined ? {} : { steps: hiresSteps }),
    ...(Object.keys(sampling).length === 0 ? {} : { sampling }),
    ...(hiresStrength === undefined ? {} : { strength: hiresStrength }),
    ...(hiresGuidance === undefined
      ? {}
      : { guidance: hiresGuidance.length === 1 ? hiresGuidance[0]! : hiresGuidance }),
  };
}

function nagOf({ nag, nagTau, nagAlpha }: PictureOptions): PictureRequest["nag"] {
  if (nag === undefined) return undefined;
  return {
    ...(nag === true ? {} : { scale: nag }),
    ...(nagTau === undefined ? {} : { tau: nagTau }),
    ...(nagAlpha === undefined ? {} : { alpha: nagAlpha }),
  };
}
