// The order of rows in a PNG file: one pass over the picture, or the seven of Adam7 (specification 8.2).

import type { PngHeader } from "./png-header.js";

/** First column and row of each Adam7 pass, and the steps between. */
const ADAM7 = [
  { x: 0, y: 0, dx: 8, dy: 8 },
  { x: 4, y: 0, dx: 8, dy: 8 },
  { x: 0, y: 4, dx: 4, dy: 8 },
  { x: 2, y: 0, dx: 4, dy: 4 },
  { x: 0, y: 2, dx: 2, dy: 4 },
  { x: 1, y: 0, dx: 2, dy: 2 },
  { x: 0, y: 1, dx: 1, dy: 2 },
] as const;
const WHOLE = [{ x: 0, y: 0, dx: 1, dy: 1 }] as const;

/** One row of one pass: where its pixels go, how many they are, and its bytes without the filter byte. */
export type PassRow = {
  readonly pass: number;
  readonly x: number;
  readonly dx: number;
  readonly y: number;
  readonly count: number;
  readonly bytes: number;
};

/** All rows in file order; passes without pixels have no rows. */
export function* passRows({
  width,
  height,
  channels,
  depth,
  interlaced,
}: PngHeader): Generator<PassRow, void, undefined> {
  for (const [pass, { x, y: top, dx, dy }] of (interlaced ? ADAM7 : WHOLE).entries()) {
    const count = Math.ceil((width - x) / dx);
    if (count <= 0) continue;
    const bytes = Math.ceil((count * channels * depth) / 8);
    for (let y = top; y < height; y += dy) yield { pass, x, dx, y, count, bytes };
  }
}
