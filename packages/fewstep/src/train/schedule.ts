// What all recipes are told alike: batch, iterations, seed and learning rate. With --accumulate an iteration of the recipe is a part of a
// batch, and the numbers of the learning rate count parts.
import { FewstepError } from "@fewstep/core";
import type { LearningRate } from "@fewstep/train";
import { DEFAULTS, type Method } from "./methods.js";
import type { TrainOptions } from "./train-options.js";

export interface TrainingSchedule {
  readonly batch: number;
  readonly iterations: number;
  readonly seed: number;
  readonly learningRate: LearningRate;
  readonly optimiser: { readonly accumulate: number; readonly segments: number };
}

/** Throws `batch-not-divisible`. */
export function scheduleOf(
  method: Method,
  { batch, accumulate, steps, seed, learningRate: peak, decay, segments }: TrainOptions,
): TrainingSchedule {
  if (batch % accumulate !== 0)
    throw new FewstepError({
      code: "batch-not-divisible",
      message: "--accumulate does not divide --batch",
      found: `${batch} / ${accumulate}`,
      expected: "a whole number of pictures in each part",
    });
  const { learningRate } = DEFAULTS[method];
  return {
    batch: batch / accumulate,
    iterations: steps * accumulate,
    seed,
    learningRate: { ...learningRate, peak, decay, warmUp: (learningRate.warmUp ?? 0) * accumulate },
    optimiser: { accumulate, segments },
  };
}
