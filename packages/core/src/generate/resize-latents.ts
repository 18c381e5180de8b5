// Latents at another size, between the two passes of a run, by plain interpolation as torch's `interpolate` does it (half-pixel centres,
// no smoothing when they shrink). A blur or a doubling of latents is no picture that an autoencoder would make: the second pass repairs it.
import type { LatentSize } from "./latent-size.js";

export type LatentFilter = "nearest" | "bilinear";

interface Tap {
  readonly from: number;
  readonly to: number;
  /** Share of `to`. */
  readonly share: number;
}

const taps: Readonly<Record<LatentFilter, (index: number, from: number, to: number) => Tap>> = {
  nearest(index, from, to) {
    const at = Math.floor((index * from) / to);
    return { from: at, to: at, share: 0 };
  },
  bilinear(index, from, to) {
    const centre = Math.max(0, ((index + 0.5) * from) / to - 0.5);
    const first = Math.min(from - 1, Math.floor(centre));
    return { from: first, to: Math.min(from - 1, first + 1), share: centre - first };
  },
};

/** @param latents [channels..., height, width] */
export function resizeLatents(
  latents: Float32Array,
  size: LatentSize,
  wanted: LatentSize,
  filter: LatentFilter,
): Float32Array {
  const planes = latents.length / (size.height * size.width);
  const rows = Array.from({ length: wanted.height }, (_, y) => taps[filter](y, size.height, wanted.height));
  const columns = Array.from({ length: wanted.width }, (_, x) => taps[filter](x, size.width, wanted.width));
  const result = new Float32Array(planes * wanted.height * wanted.width);
  let at = 0;
  for (let plane = 0; plane < planes; plane++) {
    const value = (y: number, x: number) => latents[(plane * size.height + y) * size.width + x]!;
    for (const row of rows) {
      for (const column of columns) {
        const top = value(row.from, column.from) * (1 - column.share) + value(row.from, column.to) * column.share;
        const bottom = value(row.to, column.from) * (1 - column.share) + value(row.to, column.to) * column.share;
        result[at++] = top * (1 - row.share) + bottom * row.share;
      }
    }
  }
  return result;
}
