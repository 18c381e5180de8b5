// What all LoRA distillations share: their options, their batches, and the guided teacher's call.
import type { GraphBuilder, UnetConfig, Value } from "@fewstep/core";
import type { LatentSet } from "../data/latent-set.js";
import { shuffledOrder } from "../data/order.js";
import type { LoraOptions } from "../lora.js";
import type { PredictionType } from "../losses/prediction.js";
import type { DenoiserInputs, NameOf, Network } from "../models/network.js";
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
}

export const baseResidents = ({ residents }: DistillBase): ReadonlyMap<string, Float32Array> => residents;

/** Feeds of latents, noise and text for an iteration. */
export function startBatch(options: DistillOptions): (iteration: number, random: RandomStream) => Tensors {
  const { data, batch, seed, conditioning } = options;
  const order = shuffledOrder(data.count, seed);
  return (iteration, random) => {
    const indices = order.batch(iteration, batch);
    return {
      latents: latentFeed(data, indices),
      noise: noiseFeed(data, batch, random),
      ...conditioning.feed(
        indices.map((i) => data.caption(i)),
        true,
        random,
      ),
    };
  };
}

/** One call of twice the batch for the conditional and the unconditional output. */
export function joined(
  b: GraphBuilder,
  network: Network,
  tag: string,
  { sample, timeFeatures, context }: DenoiserInputs,
  empty: Value,
): readonly [conditional: Value, unconditional: Value] {
  const batch = sample.shape[0]!;
  const twice = (x: Value, y = x) => b.op("Concat", [x, y], { axis: 0 });
  const both = network(b, tag, {
    sample: twice(sample),
    timeFeatures: twice(timeFeatures),
    context: twice(context, empty),
  });
  const half = (i: number) => b.op("Slice", [both], { axis: 0, start: i * batch, end: (i + 1) * batch });
  return [half(0), half(1)];
}
