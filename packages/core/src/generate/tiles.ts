// Overlapping tiles of a picture that is too large for one run of an autoencoder, with weights along each axis that add up to 1 wherever
// tiles overlap. Where the picture goes on at its other edge, so do the tiles.
import type { SeamlessAxes } from "../graph/passes/seamless.js";
import type { LatentSize } from "./latent-size.js";

export interface Tile {
  readonly top: number;
  readonly left: number;
  /** Weight of each of `pixels` rows or columns of the tile: a ramp over an overlap, 1 elsewhere. */
  readonly rowWeights: (pixels: number) => Float32Array;
  readonly columnWeights: (pixels: number) => Float32Array;
}

export interface TileLayout {
  /** Of all tiles, in latents. */
  readonly tile: LatentSize;
  readonly tiles: readonly Tile[];
  /** Seamless axes that one tile covers whole: the network that computes a tile must wrap them around. */
  readonly wraps: SeamlessAxes | undefined;
}

interface Span {
  readonly start: number;
  /** Latents shared with the neighbour before and after. */
  readonly before: number;
  readonly after: number;
}

/** Share of a tile that overlaps the next, at least. */
const OVERLAP = 0.25;

/** Evenly spread, so that the last tile is whole. */
function spans(length: number, tile: number): readonly Span[] {
  if (length <= tile) return [{ start: 0, before: 0, after: 0 }];
  const overlap = Math.floor(tile * OVERLAP);
  const count = Math.ceil((length - overlap) / (tile - overlap));
  const starts = Array.from({ length: count }, (_, i) => Math.round((i * (length - tile)) / (count - 1)));
  return starts.map((start, i) => ({
    start,
    before: i === 0 ? 0 : starts[i - 1]! + tile - start,
    after: i === count - 1 ? 0 : start + tile - starts[i + 1]!,
  }));
}

/** On a circle: the last tile overlaps the first. */
function spansAround(length: number, tile: number): readonly Span[] {
  if (length <= tile) return [{ start: 0, before: 0, after: 0 }];
  const overlap = Math.floor(tile * OVERLAP);
  const count = Math.ceil(length / (tile - overlap));
  const start = (i: number) => Math.round((i * length) / count);
  return Array.from({ length: count }, (_, i) => ({
    start: start(i),
    before: start(i - 1) + tile - start(i),
    after: start(i) + tile - start(i + 1),
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

/** @param side of a tile in latents, 0 for the whole picture */
export function tileLayout(size: LatentSize, side: number, seamless: SeamlessAxes | undefined): TileLayout {
  const limit = side === 0 ? Number.POSITIVE_INFINITY : side;
  const tile = { height: Math.min(limit, size.height), width: Math.min(limit, size.width) };
  const around = { x: seamless?.includes("x") ?? false, y: seamless?.includes("y") ?? false };
  const rows = (around.y ? spansAround : spans)(size.height, tile.height);
  const columns = (around.x ? spansAround : spans)(size.width, tile.width);
  const wraps = `${around.x && tile.width === size.width ? "x" : ""}${around.y && tile.height === size.height ? "y" : ""}`;
  return {
    tile,
    tiles: rows.flatMap((row) =>
      columns.map((column) => ({
        top: row.start,
        left: column.start,
        rowWeights: weights(row, tile.height),
        columnWeights: weights(column, tile.width),
      })),
    ),
    wraps: wraps === "" ? undefined : (wraps as SeamlessAxes),
  };
}

/** The part of `data` [channels, height, width] under a tile; `scale` values of it a latent. */
export function cutTile(
  data: Float32Array,
  size: LatentSize,
  { top, left }: Tile,
  tile: LatentSize,
  scale: number,
): Float32Array {
  const [height, width] = [tile.height * scale, tile.width * scale];
  const channels = data.length / (size.height * size.width);
  const cut = new Float32Array(channels * height * width);
  let at = 0;
  for (let c = 0; c < channels; c++) {
    for (let y = 0; y < height; y++) {
      const row = (c * size.height + ((top * scale + y) % size.height)) * size.width;
      for (let x = 0; x < width; x++) cut[at++] = data[row + ((left * scale + x) % size.width)]!;
    }
  }
  return cut;
}

/** Adds a computed tile, weighted, to `sum` [channels, height, width]. */
export function addTile(
  sum: Float32Array,
  size: LatentSize,
  values: Float32Array,
  { top, left, rowWeights, columnWeights }: Tile,
  tile: LatentSize,
  scale: number,
): void {
  const [height, width] = [tile.height * scale, tile.width * scale];
  const [rows, columns] = [rowWeights(height), columnWeights(width)];
  const channels = values.length / (height * width);
  let from = 0;
  for (let c = 0; c < channels; c++) {
    for (let y = 0; y < height; y++) {
      const row = (c * size.height + ((top * scale + y) % size.height)) * size.width;
      for (let x = 0; x < width; x++) {
        sum[row + ((left * scale + x) % size.width)]! += values[from++]! * rows[y]! * columns[x]!;
      }
    }
  }
}
