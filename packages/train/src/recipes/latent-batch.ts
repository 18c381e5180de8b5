// The part of a batch that all denoiser recipes share: latents and noise.
import type { Tensor } from "@fewstep/core";
import type { LatentSet } from "../data/latent-set.js";
import type { RandomStream } from "../optim/random-stream.js";

/** Latents of the given pictures, [N, C, h, w]. */
export function latentFeed(set: LatentSet, indices: readonly number[]): Tensor {
  const [channels, height, width] = set.shape;
  const size = channels * height * width;
  const data = new Float32Array(indices.length * size);
  indices.forEach((index, i) => {
    data.set(set.latent(index), i * size);
  });
  return { dtype: "f32", shape: [indices.length, ...set.shape], data };
}

/** Standard normal noise, [N, C, h, w]. */
export function noiseFeed(set: LatentSet, count: number, random: RandomStream): Tensor {
  const shape = [count, ...set.shape];
  return { dtype: "f32", shape, data: random.normals(count * set.shape[0] * set.shape[1] * set.shape[2]) };
}
