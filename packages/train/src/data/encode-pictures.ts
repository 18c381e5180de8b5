// Pictures -> latents by a trained encoder, a batch at a time. Normalisation is found here and folded into the autoencoder.
import { type Tensor, type VaeConfig, vaeEncoder } from "@fewstep/core";
import type { FlatLayout } from "../flat/layout.js";
import { type LatentStatistics, latentStatistics, normalisedVae } from "../models/normalise-latents.js";
import { evaluate } from "../program/evaluate.js";
import type { StepRunner } from "../program/program.js";
import { type LatentSet, latentSet } from "./latent-set.js";
import type { Picture, PictureSource } from "./picture-source.js";

export interface EncodeOptions {
  readonly runner: StepRunner;
  readonly config: VaeConfig;
  readonly layout: FlatLayout;
  /** The autoencoder as trained. */
  readonly vector: Float32Array;
  readonly source: PictureSource;
  readonly batch: number;
  /** What the family multiplies latents by: 0.18215 for Stable Diffusion 1.x. */
  readonly scalingFactor: number;
  readonly signal?: AbortSignal;
  readonly progress?: (encoded: number) => void;
}

export interface EncodedPictures {
  /** Of zero mean and unit variance a channel. */
  readonly latents: LatentSet;
  /** The autoencoder whose mean, times the scaling factor, is these latents. */
  readonly vector: Float32Array;
  readonly statistics: LatentStatistics;
}

/** Whole pictures as [N, 3, s, s] in [-1, 1]. */
export function pictureFeed(pictures: readonly Picture[], size: number): Tensor {
  const area = size * size;
  const data = new Float32Array(pictures.length * 3 * area);
  pictures.forEach(({ pixels }, n) => {
    for (let i = 0; i < area; i++) {
      for (let c = 0; c < 3; c++) data[(n * 3 + c) * area + i] = pixels[i * 3 + c]! / 127.5 - 1;
    }
  });
  return { dtype: "f32", shape: [pictures.length, 3, size, size], data };
}

export async function encodePictures(options: EncodeOptions): Promise<EncodedPictures> {
  const { runner, config, layout, vector, source, batch, scalingFactor, signal, progress } = options;
  const { size, count } = source;
  const graph = vaeEncoder(config, { batch, height: size, width: size });
  const program = evaluate("encode", { ...graph, outputs: graph.outputs.filter(({ name }) => name === "mean") }, [
    { resident: "encoder", layout, prefix: "" },
  ]);
  await runner.set("encoder", vector);
  const shape = [config.latentChannels, size / 8, size / 8] as const;
  const each = shape[0] * shape[1] * shape[2];
  const latents = new Float32Array(count * each);
  const captions: string[] = [];
  for (let start = 0; start < count; start += batch) {
    // the last batch is filled up with pictures that are then left out
    const indices = Array.from({ length: batch }, (_, i) => Math.min(count - 1, start + i));
    const pictures = await Promise.all(indices.map((index) => source.picture(index)));
    const { mean } = await runner.run(program, { image: pictureFeed(pictures, size) }, signal);
    const used = Math.min(batch, count - start);
    latents.set((mean!.data as Float32Array).subarray(0, used * each), start * each);
    for (const { caption } of pictures.slice(0, used)) captions.push(caption);
    progress?.(start + used);
  }
  const statistics = latentStatistics(latents, shape);
  const area = shape[1] * shape[2];
  for (let i = 0; i < latents.length; i++) {
    const channel = Math.floor(i / area) % shape[0];
    latents[i] = (latents[i]! - statistics.mean[channel]!) / statistics.deviation[channel]!;
  }
  return {
    latents: latentSet(latents, shape, captions),
    vector: normalisedVae(layout, vector, statistics, scalingFactor),
    statistics,
  };
}
