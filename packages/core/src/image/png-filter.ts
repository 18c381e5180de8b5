// The five row filters of PNG (specification chapter 9), in both directions. Bytes only: it knows nothing of pixels.

export const FILTER_COUNT = 5;

/**
 * Writes the filtered `row` into `out`; `previous` is the unfiltered row above (zeros at the top), `step` the bytes of a pixel.
 * Returns the sum of the differences read as signed bytes, the usual measure of a good filter.
 */
export function filterRow(
  filter: number,
  row: Uint8Array,
  previous: Uint8Array,
  step: number,
  out: Uint8Array,
): number {
  let cost = 0;
  for (let i = 0; i < row.length; i++) {
    const left = i >= step ? row[i - step]! : 0;
    const corner = i >= step ? previous[i - step]! : 0;
    const value = (row[i]! - predicted(filter, left, previous[i]!, corner)) & 0xff;
    out[i] = value;
    cost += value < 128 ? value : 256 - value;
  }
  return cost;
}

/** Undoes the filter in place; `previous` is the row above, already undone. `filter` is 0 to 4. */
export function unfilterRow(filter: number, row: Uint8Array, previous: Uint8Array, step: number): void {
  if (filter === 0) return;
  for (let i = 0; i < row.length; i++) {
    const left = i >= step ? row[i - step]! : 0;
    const corner = i >= step ? previous[i - step]! : 0;
    row[i] = row[i]! + predicted(filter, left, previous[i]!, corner);
  }
}

function predicted(filter: number, left: number, up: number, corner: number): number {
  switch (filter) {
    case 0:
      return 0;
    case 1:
      return left;
    case 2:
      return up;
    case 3:
      return (left + up) >> 1;
    default:
      return paeth(left, up, corner);
  }
}

function paeth(left: number, up: number, corner: number): number {
  const toLeft = Math.abs(up - corner);
  const toUp = Math.abs(left - corner);
  const toCorner = Math.abs(left + up - 2 * corner);
  if (toLeft <= toUp && toLeft <= toCorner) return left;
  return toUp <= toCorner ? up : corner;
}
