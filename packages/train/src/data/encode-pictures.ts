// Pictures -> normalised latents by an autoencoder as it was trained. Normalisation is found here and folded into the autoencoder.
import { type LatentStatistics, latentStatistics, normalisedVae } from "../models/normalise-latents.js";
import { type EncodeMeansOptions, encodeMeans } from "./encode-means.js";
import { type LatentSet, latentSet } from "./latent-set.js";

export interface EncodeOptions extends EncodeMeansOptions {
  /** What the family multiplies latents by: 0.18215 for Stable Diffusion 1.x. */
  readonly scalingFactor: number;
}

export interface EncodedPictures {
  /** Of zero mean and unit variance a channel. */
  readonly latents: LatentSet;
  /** The autoencoder whose mean, times the scaling factor, is these latents. */
  readonly vector: Float32Array;
  readonly statistics: LatentStatistics;
}

export async function encodePictures(options: EncodeOptions): Promise<EncodedPictures> {
  const { layout, vector, scalingFactor } = options;
  const { means: latents, shape, captions } = await encodeMeans(options);
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
