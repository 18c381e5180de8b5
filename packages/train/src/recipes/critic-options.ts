// How critics are trained unless told otherwise: Adam without momentum, as SDXL-Lightning's (section 4).
import type { TrainStepOptions } from "../program/train-step.js";
import { CRITIC, type Critic } from "./critic.js";

export const CRITIC_OPTIMISER: TrainStepOptions = {
  beta1: 0,
  beta2: 0.99,
  epsilon: 1e-8,
  weightDecay: 0,
  clip: 1,
  average: undefined,
};

/** The critic, whose gradients are gathered as the student's are, as a trained network whose loss is the objective's output `critic`. */
export const trainedCritic = (
  { layout }: Critic,
  { accumulate = 1, segments = 1 }: Partial<TrainStepOptions> = {},
) => ({
  name: "critic",
  layout,
  prefix: CRITIC,
  loss: "critic",
  options: { ...CRITIC_OPTIMISER, accumulate, segments },
});
