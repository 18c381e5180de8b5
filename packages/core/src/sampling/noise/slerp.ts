// Spherical interpolation between two noises as A1111 does it for variation seeds: column by column, since its norm runs over
// the rows of [channels, rows, columns]; nearly parallel noises are mixed linearly, with the weights exchanged as there.
import type { LatentSize } from "./noise-source.js";

const nearlyParallel = 0.9995;

/** `strength` 0 is `low`, 1 is `high`. */
export function slerp(low: Float32Array, high: Float32Array, strength: number, size: LatentSize): Float32Array {
  const { channels, height, width } = size;
  const angles = new Float64Array(channels * width);
  let sum = 0;
  for (let c = 0; c < channels; c++) {
    for (let column = 0; column < width; column++) {
      let dot = 0;
      let lowSquare = 0;
      let highSquare = 0;
      for (let row = 0; row < height; row++) {
        const i = (c * height + row) * width + column;
        dot += low[i]! * high[i]!;
        lowSquare += low[i]! ** 2;
        highSquare += high[i]! ** 2;
      }
      const cosine = Math.min(1, Math.max(-1, dot / Math.sqrt(lowSquare * highSquare)));
      sum += cosine;
      angles[c * width + column] = Math.acos(cosine);
    }
  }
  const parallel = sum / angles.length > nearlyParallel;
  return low.map((value, i) => {
    if (parallel) return value * strength + high[i]! * (1 - strength);
    const angle = angles[Math.floor(i / (height * width)) * width + (i % width)]!;
    return (Math.sin((1 - strength) * angle) * value + Math.sin(strength * angle) * high[i]!) / Math.sin(angle);
  });
}
