// The interface of all samplers: one step from a row's sigma to its sigmaNext, as a function of arguments only.
// What a multistep method remembers is handed in as `past`; nothing is kept inside a sampler.
import type { Denoise } from "../denoiser.js";
import type { Prediction } from "../prediction.js";
import type { SamplerSettings } from "../sampler-settings.js";
import type { SamplingRow } from "../sampling-plan.js";
import type { Values } from "../values.js";

/** The sigmas between which a draw is used: sources that are paths in sigma (Brownian tree) need it, others do not. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** Fresh normal noise for the whole batch. Each call advances the source. */
export type Draw<V extends Values> = (span: Span) => V;

export interface PastStep<V extends Values> {
  readonly row: SamplingRow;
  /** The state `denoised` was read at, in sigma coordinates. */
  readonly x: V;
  readonly denoised: V;
  /** UniPC: that state as it was corrected afterwards. */
  readonly corrected?: V | undefined;
}

export interface StepInput<V extends Values> {
  /** In sigma coordinates; x / sigma where sigma is infinite. */
  readonly x: V;
  readonly row: SamplingRow;
  /** Most recent first. */
  readonly past: readonly PastStep<V>[];
  readonly settings: SamplerSettings;
  readonly prediction: Prediction;
  readonly denoise: Denoise<V>;
  readonly draw: Draw<V>;
}

export interface StepResult<V extends Values> {
  /** In sigma coordinates of the row's sigmaNext. */
  readonly x: V;
  readonly denoised: V;
  readonly corrected?: V;
}

export type Step = <V extends Values>(input: StepInput<V>) => Promise<StepResult<V>>;
