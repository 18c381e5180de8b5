// What a sampling run will do, as plain JSON: where it starts, a row per step, the sampler's settings.
// Only types: plan.ts makes plans, sample.ts runs them, and anybody may draw, store or compare them.
import type { NoiseRequest } from "./noise/noise-source.js";
import type { Prediction } from "./prediction.js";
import type { SamplerName, SamplerSettings } from "./sampler-settings.js";

/** "infinite" only in a first row at zero terminal SNR, where the state is pure noise. */
export type Sigma = number | "infinite";

/** A point at which the network is called. */
export interface Point {
  readonly timestep: number;
  readonly sigma: Sigma;
}

export interface SamplingRow extends Point {
  /** Where the step arrives; usually the next row's sigma. */
  readonly sigmaNext: number;
  /** The deterministic part of the step, and the noise put back: see split.ts. */
  readonly sigmaDown: number;
  readonly sigmaUp: number;
  /** Factor on the state after the step: 1, but for libraries that step to another timestep than they feed next. */
  readonly rescale: number;
  readonly guidance: number;
  /** How many noise draws the row takes. Those it has no use for are drawn and dropped, as the imitated library does. */
  readonly draws: number;
  /** Two-call samplers: the second point. */
  readonly middle?: Point;
  /** Multistep samplers: how many denoised pictures are combined. */
  readonly order?: number;
  /** UniPC: order of the correction of the row before; 0 for none. */
  readonly correctorOrder?: number;
  /** Noise is added before the call, from this sigma up to the row's (churn, restart). */
  readonly renoiseFrom?: number;
  /** diffusers' churn: noise is added after the call, up to this sigma. */
  readonly churnedSigma?: number;
  /** TCD: the timestep of sigmaDown. */
  readonly downTimestep?: number;
  /** PNDM: the sigma the transfer starts at, and its part in the method. */
  readonly transfer?: PndmTransfer;
}

export interface PndmTransfer {
  readonly from: number;
  /** Weights of this output and of outputs of earlier rows, by how many rows back. */
  readonly weights: readonly (readonly [rowsBack: number, weight: number])[];
  /** The state that is transferred: how many rows back it was current. */
  readonly stateRowsBack: number;
}

/** How latents are scaled outside the sampler: x0 + sigma * noise, or alpha times that (unit variance). */
export type LatentUnits = "sigma" | "alpha-bar";

/** Factors that make the first latents, in the plan's units, from unit noise alone or from a picture and noise. */
export interface SamplingStart {
  readonly rule: "sigma" | "root" | "alpha-bar";
  /** Pure noise: latents = noise * this. */
  readonly noise: number;
  /** From a picture: latents = image * imageScale + noise * imageNoise. */
  readonly imageScale: number;
  readonly imageNoise: number;
}

export interface SamplingPlan {
  readonly sampler: { readonly name: SamplerName } & SamplerSettings;
  readonly prediction: Prediction;
  readonly units: LatentUnits;
  readonly start: SamplingStart;
  readonly rows: readonly SamplingRow[];
  /** Steps of the whole schedule, of which `strength` may have kept fewer. */
  readonly builtSteps: number;
  readonly guidanceRescale: number;
  readonly noise?: NoiseRequest;
}

/** A plan's sigma as a number. */
export function sigmaValue(sigma: Sigma): number {
  return sigma === "infinite" ? Infinity : sigma;
}

/** A number as a plan's sigma. */
export function planSigma(sigma: number): Sigma {
  return sigma === Infinity ? "infinite" : sigma;
}
