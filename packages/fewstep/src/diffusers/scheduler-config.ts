// Stable Diffusion's noise schedule in the words of diffusers' schedulers.
import type { PredictionType } from "@fewstep/core";

const PREDICTION: Readonly<Record<PredictionType, string>> = {
  epsilon: "epsilon",
  v: "v_prediction",
  sample: "sample",
};

/** What the noise of a model's training timesteps means to a scheduler. */
export interface NoiseConvention {
  readonly prediction: PredictionType;
  readonly zeroTerminalSnr: boolean;
}

export const schedulerConfig = (
  name: string,
  { prediction, zeroTerminalSnr }: NoiseConvention,
  settings: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> => ({
  _class_name: name,
  beta_start: 0.00085,
  beta_end: 0.012,
  beta_schedule: "scaled_linear",
  num_train_timesteps: 1000,
  steps_offset: 1,
  ...(name === "EulerDiscreteScheduler" || name === "EulerAncestralDiscreteScheduler"
    ? {}
    : { set_alpha_to_one: false }),
  prediction_type: PREDICTION[prediction],
  ...(zeroTerminalSnr ? { rescale_betas_zero_snr: true } : {}),
  ...settings,
});
