// A second pass at a larger size (A1111's hires fix): the first pass' picture, upscaled, is the start of a shorter run with a plan of its own.
import { FewstepError } from "../errors.js";
import type { NoiseRequest } from "../sampling/noise/noise-source.js";
import { planSampling } from "../sampling/plan.js";
import type { SamplingOptions } from "../sampling/sampling-options.js";
import type { SamplingPlan } from "../sampling/sampling-plan.js";
import type { LatentFilter } from "./resize-latents.js";
import type { SizeIds } from "./size-ids.js";

/** Steps, sampler, schedule ... of a pass; what the request states elsewhere is left out. */
export type PassSampling = Omit<SamplingOptions, "guidance" | "noise" | "strength">;

export type HiresRequest = {
  /**
   * `latent` (default): the latents are interpolated, at no cost; needs a strength of about a half. `pixel`: decoded, resized (Lanczos) and
   * encoded again; keeps more of the first picture at low strengths.
   */
  readonly upscale?: "latent" | "pixel";
  /** Of latents; default `bilinear`. */
  readonly filter?: LatentFilter;
  /** Part of the second pass' steps that is made, 0 to 1. Default 0.5. */
  readonly strength?: number;
  /** Default: the first pass' number, of which `strength` makes a part. */
  readonly steps?: number;
  /**
   * Each of it by default the first pass'. Another sampler has settings of its own; a schedule and lists of timesteps or sigmas replace one
   * another.
   */
  readonly sampling?: PassSampling;
  /** Default: the first pass' guidance. */
  readonly guidance?: number | readonly number[];
} & (
  | { readonly scale: number; readonly width?: undefined; readonly height?: undefined }
  | { readonly scale?: undefined; readonly width: number; readonly height: number }
);

export interface HiresPlan {
  readonly width: number;
  readonly height: number;
  readonly sizes: SizeIds;
  readonly upscale: "latent" | "pixel";
  readonly filter: LatentFilter;
  readonly strength: number;
  /** Of a UNet that takes guidance as an input. */
  readonly embeddedGuidance: number | undefined;
  readonly sampling: SamplingPlan & { readonly noise: NoiseRequest };
}

/** The pass before, and how a request's fields are read: its sides checked, its sampling filled up with the checkpoint's prediction. */
export interface FirstPass {
  readonly width: number;
  readonly height: number;
  readonly noise: NoiseRequest;
  readonly guidance: number | readonly number[];
  /** The UNet takes guidance as an input. */
  readonly embeddedGuidance: boolean;
  readonly sampling: PassSampling;
  readonly side: (name: string, value: number) => number;
}

const STRENGTH = 0.5;
/** Of a sampler, and meaningless to another. */
const OWN = ["settings", "last"] as const;

/** @throws FewstepError `bad-hires-scale`, `bad-size`, and planSampling's codes */
export function planHires(request: HiresRequest, first: FirstPass): HiresPlan {
  const width = first.side("width of the second pass", request.width ?? scaledSide(first.width, request.scale!));
  const height = first.side("height of the second pass", request.height ?? scaledSide(first.height, request.scale!));
  const strength = request.strength ?? STRENGTH;
  const { noise } = first;
  const guidance = request.guidance ?? first.guidance;
  const sampling = planSampling({
    ...withSteps(secondSampling(first.sampling, request.sampling), request.steps),
    guidance: first.embeddedGuidance ? 1 : guidance,
    strength,
    noise,
  });
  return {
    width,
    height,
    sizes: [height, width, 0, 0, height, width],
    upscale: request.upscale ?? "latent",
    filter: request.filter ?? "bilinear",
    strength,
    embeddedGuidance: first.embeddedGuidance ? oneGuidance(guidance) : undefined,
    sampling: { ...sampling, noise },
  };
}

/** A guidance embedding takes one number: the first of a list. */
export function oneGuidance(guidance: number | readonly number[]): number | undefined {
  return typeof guidance === "number" ? guidance : guidance[0];
}

function scaledSide(side: number, scale: number): number {
  if (scale > 0 && Number.isFinite(scale)) return Math.floor((side * scale) / 8) * 8;
  throw new FewstepError({
    code: "bad-hires-scale",
    message: "the scale of the second pass is not possible",
    found: String(scale),
    expected: "a number above 0; 2 doubles both sides",
  });
}

const TIMES = ["steps", "timesteps", "sigmas"] as const;

/** The first pass' way of sampling, but for what the second one says of itself. */
function secondSampling(first: PassSampling, given: PassSampling = {}): PassSampling {
  const replaced = new Set<string>();
  if (given.sampler !== undefined && given.sampler !== first.sampler) for (const name of OWN) replaced.add(name);
  if (TIMES.some((name) => given[name] !== undefined)) for (const name of TIMES) replaced.add(name);
  if (given.timesteps !== undefined || given.sigmas !== undefined) replaced.add("schedule");
  const kept: PassSampling = Object.fromEntries(Object.entries(first).filter(([name]) => !replaced.has(name)));
  const { timesteps, sigmas } = kept;
  const listed = timesteps?.length ?? (sigmas && sigmas.length - 1);
  return given.schedule === undefined || listed === undefined
    ? { ...kept, ...given }
    : { ...withSteps(kept, listed), ...given };
}

/** A number of steps replaces lists of timesteps and sigmas. */
function withSteps(sampling: PassSampling, steps: number | undefined): PassSampling {
  if (steps === undefined) return sampling;
  const { timesteps: _timesteps, sigmas: _sigmas, ...rest } = sampling;
  return { ...rest, steps };
}
