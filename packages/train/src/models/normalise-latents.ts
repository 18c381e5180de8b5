// Latents of any autoencoder brought to zero mean and unit variance a channel, by changing the autoencoder: its 1x1 convolutions around the
// latents take the change, so the file needs no constants of its own but Stable Diffusion's usual scaling factor.
//   mean' = (mean - mu) / (sigma f),  logvar' = logvar - 2 ln(sigma f),  post_quant_conv' undoes it.   f: the scaling factor
import { type FlatLayout, viewOf } from "../flat/layout.js";

export interface LatentStatistics {
  readonly mean: readonly number[];
  readonly deviation: readonly number[];
}

/** Of latents [N, C, h, w] one after another, a channel each. */
export function latentStatistics(
  latents: Float32Array,
  [channels, height, width]: readonly [number, number, number],
): LatentStatistics {
  const area = height * width;
  const count = latents.length / channels;
  const sums = new Float64Array(channels);
  const squares = new Float64Array(channels);
  for (let i = 0; i < latents.length; i++) {
    const channel = Math.floor(i / area) % channels;
    const value = latents[i]!;
    sums[channel]! += value;
    squares[channel]! += value * value;
  }
  const mean = Array.from(sums, (sum) => sum / count);
  return { mean, deviation: Array.from(squares, (square, c) => Math.sqrt(square / count - mean[c]! ** 2)) };
}

/** The autoencoder's vector, changed so that mean' * scalingFactor has zero mean and unit variance. */
export function normalisedVae(
  layout: FlatLayout,
  vector: Float32Array,
  { mean, deviation }: LatentStatistics,
  scalingFactor: number,
): Float32Array {
  const changed = vector.slice();
  const part = (name: string): Float32Array => viewOf(changed, layout.entries.find((entry) => entry.name === name)!);
  const channels = mean.length;
  const [weight, bias] = [part("quant_conv.weight"), part("quant_conv.bias")];
  const inputs = weight.length / bias.length;
  const [after, afterBias] = [part("post_quant_conv.weight"), part("post_quant_conv.bias")];
  for (let c = 0; c < channels; c++) {
    const scale = 1 / (deviation[c]! * scalingFactor);
    for (let i = 0; i < inputs; i++) weight[c * inputs + i]! *= scale;
    bias[c] = (bias[c]! - mean[c]!) * scale;
    bias[channels + c]! += 2 * Math.log(scale);
    for (let o = 0; o < channels; o++) {
      afterBias[o]! += after[o * channels + c]! * mean[c]!;
      after[o * channels + c]! /= scale;
    }
  }
  return changed;
}
