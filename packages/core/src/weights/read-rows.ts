// Rows of a table (token embeddings) by index, reading only those rows: the table itself may be the largest tensor of a file.

import { readBytes } from "../files/read-bytes.js";
import { toFloat32 } from "../tensor/convert.js";
import type { LazyTensor } from "./weights.js";

/** table [N, width], indices [count] -> [count, width] as float32. Indices must lie in the table. */
export async function readRows(
  table: LazyTensor,
  indices: readonly number[],
  signal?: AbortSignal,
): Promise<Float32Array> {
  const [rows, width] = table.shape as [number, number];
  const rowBytes = table.byteLength / rows;
  const distinct = [...new Set(indices)];
  const read = await Promise.all(
    distinct.map(async (index) => {
      if (!Number.isInteger(index) || index < 0 || index >= rows) throw new RangeError(`row ${index} of ${rows}`);
      return toFloat32(await readBytes(table.file, table.offset + index * rowBytes, rowBytes, signal), table.dtype);
    }),
  );
  const byIndex = new Map(distinct.map((index, i) => [index, read[i]!]));
  const result = new Float32Array(indices.length * width);
  indices.forEach((index, i) => {
    result.set(byIndex.get(index)!, i * width);
  });
  return result;
}
