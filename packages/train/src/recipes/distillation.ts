// What all LoRA distillations share: their options and their batches.
import type { PredictionType, UnetConfig } from "@fewstep/core";
import type { LatentSet } from "../data/latent-set.js";
import { shuffledOrder } from "../data/order.js";
import type { LoraOptions } from "../lora.js";
import type { NameOf } from "../models/network.js";
import type { LearningRate } from "../optim/learning-rate.js";
import type { RandomStream } from "../optim/random-stream.js";
import type { Tensors } from "../program/program.js";
import type { Source } from "../program/sources.js";
import type { TrainStepOptions } from "../program/train-step.js";
import type { Conditioning } from "./conditioning.js";
import { latentFeed, noiseFeed } from "./latent-batch.js";

/** The base network and where its weights lie: in flat residents, or (no sources) in the runner's files under canonical names. */
export interface DistillBase {
  readonly unet: UnetConfig;
  readonly prediction: PredictionType;
  readonly nameOf: NameOf;
  readonly sources: readonly Source[];
  /** First values of the sources' residents. */
  readonly residents: ReadonlyMap<string, Float32Array>;
}

export interface DistillOptions {
  readonly base: DistillBase;
  readonly conditioning: Conditioning;
  readonly lora: LoraOptions;
  readonly data: LatentSet;
  /** Of one picture's latents. */
  readonly shape: readonly [number, number, number];
  readonly alphaBar: Float64Array;
  readonly batch: number;
  readonly iterations: number;
  readonly seed: number;
  readonly learningRate: LearningRate;
  readonly optimiser?: Partial<TrainStepOptions>;
  /** Adapter to go on from; default a fresh one, which changes nothing. */
  readonly start?: Float32Array;
  /** Part of the captions that are left empty, so that the student learns what guidance needs; default 0. */
  readonly emptyCaptions?: number;
}

/** What the graph of an objective is built from. */
export interface ObjectiveOptions extends Pick<DistillOptions, "conditioning" | "shape" | "batch"> {
  readonly base: Pick<DistillBase, "unet" | "prediction">;
}

export const baseResidents = ({ residents }: DistillBase): ReadonlyMap<string, Float32Array> => residents;

/**
 * Feeds of latents, noise and text for an iteration; the empty prompt with them unless the teacher is not guided.
 * @param beside what else is fed of the captions
 */
export function startBatch(
  options: Omit<DistillOptions, "start">,
  withEmpty = true,
  beside: (captions: readonly string[]) => Tensors = () => ({}),
): (iteration: number, random: RandomStream) => Tensors {
  const { data, batch, seed, conditioning, emptyCaptions = 0 } = options;
  const order = shuffledOrder(data.count, seed);
  return (iteration, random) => {
    const indices = order.batch(iteration, batch);
    const noise = noiseFeed(data, batch, random);
    // without empty captions nothing is drawn for them: runs are what they were
    const captions = indices.map((i) => (emptyCaptions > 0 && random.uniform() < emptyCaptions ? "" : data.caption(i)));
    return {
      latents: latentFeed(data, indices),
      noise,
      ...conditioning.feed(captions, withEmpty, random),
      ...beside(captions),
    };
  };
}
