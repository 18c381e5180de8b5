// Pictures of a model under training, for sheets and metrics: DDIM (all noise deterministic) or the LCM step (all noise fresh), with guidance.
// The library's samplers are richer; this one runs on the trainer's residents without a file in between.
import { GraphBuilder, type PredictionType, type Tensor, type UnetConfig } from "@fewstep/core";
import { columnFeed, columnOf } from "../losses/columns.js";
import { decomposed, noised } from "../losses/prediction.js";
import { guidedTeacher } from "../losses/trajectory.js";
import type { Network } from "../models/network.js";
import { randomStream } from "../optim/random-stream.js";
import { evaluate } from "../program/evaluate.js";
import type { Program, StepRunner } from "../program/program.js";
import type { Source } from "../program/sources.js";
import { type Conditioning, timeFeed } from "../recipes/conditioning.js";

export interface SamplerOptions {
  readonly unet: UnetConfig;
  readonly network: Network;
  readonly prediction: PredictionType;
  readonly sources: readonly Source[];
  readonly conditioning: Conditioning;
  /** Of one picture's latents. */
  readonly shape: readonly [number, number, number];
  readonly batch: number;
  readonly alphaBar: Float64Array;
}

export interface SampleRequest {
  readonly captions: readonly string[];
  /** Descending timesteps, one a step. */
  readonly timesteps: readonly number[];
  /** e = u + scale (c - u); 1 is the conditional output alone. */
  readonly scale: number;
  /** Noise after each step: none (DDIM) or all of it fresh (LCM). */
  readonly noise: "none" | "fresh";
  readonly seed: number;
}

const COLUMNS = ["a", "s", "aNext", "sNext", "w"] as const;

/** One step: latents, fresh, columns, time_features and the conditioning's inputs -> next. `fresh` replaces the predicted noise if wanted. */
function stepProgram(options: SamplerOptions, noise: SampleRequest["noise"]): Program {
  const { unet, network, prediction, sources, conditioning, shape, batch } = options;
  const b = new GraphBuilder(`sample-${noise}`);
  const x = b.input("latents", [batch, ...shape]);
  const column = columnOf(b, b.input("columns", [batch, COLUMNS.length]), COLUMNS);
  const timeFeatures = b.input("time_features", [batch, unet.down[0]!.channels]);
  const { context, empty } = conditioning.build(b, batch, true);
  const output = guidedTeacher(network, empty!, column("w"))(b, "net", { sample: x, timeFeatures, context });
  const { x0, n } = decomposed(b, prediction, x, output, { a: column("a"), s: column("s") });
  const kept = noise === "none" ? n : b.input("fresh", [batch, ...shape]);
  const next = noised(b, x0, kept, { a: column("aNext"), s: column("sNext") });
  return evaluate(b.name, b.finish([{ name: "next", value: next }]), sources);
}

export interface LatentSampler {
  /** Latents [N, C, h, w] of the captions; N is the sampler's batch. */
  sample(runner: StepRunner, request: SampleRequest, signal?: AbortSignal): Promise<Tensor>;
}

export function latentSampler(options: SamplerOptions): LatentSampler {
  const programs = { none: stepProgram(options, "none"), fresh: stepProgram(options, "fresh") };
  const { batch, shape, alphaBar, unet, conditioning } = options;
  const length = batch * shape[0] * shape[1] * shape[2];
  const noiseOf = (seed: number, step: number): Tensor => ({
    dtype: "f32",
    shape: [batch, ...shape],
    data: randomStream(seed, "sample", step).normals(length),
  });
  return {
    async sample(runner, { captions, timesteps, scale, noise, seed }, signal) {
      const texts = conditioning.feed(captions, true, randomStream(seed, "text", 0));
      let latents = noiseOf(seed, 0);
      for (const [step, t] of timesteps.entries()) {
        const bar = alphaBar[t]!;
        const next = timesteps[step + 1];
        const barNext = next === undefined ? 1 : alphaBar[next]!;
        const row = {
          a: Math.sqrt(bar),
          s: Math.sqrt(1 - bar),
          aNext: Math.sqrt(barNext),
          sNext: Math.sqrt(1 - barNext),
          w: scale - 1,
        };
        const answers = await runner.run(
          programs[noise],
          {
            latents,
            columns: columnFeed(
              COLUMNS,
              captions.map(() => row),
            ),
            time_features: timeFeed(
              captions.map(() => t),
              unet.down[0]!.channels,
            ),
            ...texts,
            ...(noise === "fresh" ? { fresh: noiseOf(seed, step + 1) } : {}),
          },
          signal,
        );
        latents = answers.next!;
      }
      return latents;
    },
  };
}

/** The last timestep of each of `steps` equal parts, from the noisiest down: "trailing" spacing. */
export function trailingTimesteps(steps: number, count = 1000): readonly number[] {
  return Array.from({ length: steps }, (_, i) => Math.round(count - (i * count) / steps) - 1);
}
