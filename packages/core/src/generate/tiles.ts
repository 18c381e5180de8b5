// Overlapping tiles of a latent picture, with weights along each axis that add up to 1 wherever tiles overlap.
import type { LatentSize } from "./picture-decoder.js";

export interface Tile {
  readonly top: number;
  readonly left: number;
  /** Weight of each of `pixels` rows or columns of the tile: a ramp over an overlap, 1 elsewhere. */
  readonly rowWeights: (pixels: number) => Float32Array;
  readonly columnWeights: (pixels: number) => Float32Array;
}

interface Span {
  readonly start: number;
  /** Latents shared with the neighbour before and after. */
  readonly before: number;
  readonly after: number;
}

function spans(length: number, tile: number, overlap: number): readonly Span[] {
  if (length <= tile) return [{ start: 0, before: 0, after: 0 }];
  const count = Math.ceil((length - overlap) / (tile - overlap));
  // evenly spread, so that the last tile is whole
  const starts = Array.from({ length: count }, (_, i) => Math.round((i * (length - tile)) / (count - 1)));
  return starts.map((start, i) => ({
    start,
    before: i === 0 ? 0 : starts[i - 1]! + tile - start,
    after: i === count - 1 ? 0 : start + tile - starts[i + 1]!,
  }));
}

/** Ramp up over the pixels shared with the tile before, down over those shared with the tile after; neighbours' ramps add up to 1. */
function weights({ before, after }: Span, tile: number): (pixels: number) => Float32Array {
  return (pixels) => {
    const scale = pixels / tile;
    const [rise, fall] = [before * scale, after * scale];
    return Float32Array.from({ length: pixels }, (_, i) => {
      const up = rise === 0 ? 1 : Math.min(1, (i + 0.5) / rise);
      const down = fall === 0 ? 1 : Math.min(1, (pixels - i - 0.5) / fall);
      return up * down;
    });
  };
}

export function tilesOf(size: LatentSize, tile: LatentSize, overlap: number): readonly Tile[] {
  return spans(size.height, tile.height, overlap).flatMap((row) =>
    spans(size.width, tile.width, overlap).map((column) => ({
      top: row.start,
      left: column.start,
      rowWeights: weights(row, tile.height),
      columnWeights: weights(column, tile.width),
    })),
  );
}
