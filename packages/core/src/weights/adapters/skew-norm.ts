// How far a file's rotations turn at most, by which the number of iterations is chosen that compute them.
import { elementCount } from "../../tensor/shape.js";
import { readTensor } from "../read-tensor.js";
import { tensorRows } from "../tensor-rows.js";
import type { LazyTensor } from "../weights.js";

/** Elements read at once, or one block. */
const BAND = 2 ** 20;

/** The largest |B - B^T| of the square blocks in the last two axes; 0 where they are not square. */
export async function longestSkew(blocks: LazyTensor, signal?: AbortSignal): Promise<number> {
  const [size = 0, width = 0] = blocks.shape.slice(-2);
  if (blocks.shape.length < 3 || size !== width || size === 0) return 0;
  const area = size * size;
  const count = elementCount(blocks.shape) / area;
  const flat = { ...blocks, shape: [count, size, size] };
  const step = Math.max(1, Math.floor(BAND / area));
  let longest = 0;
  for (let from = 0; from < count; from += step) {
    const values = await readTensor(tensorRows(flat, from, Math.min(count, from + step)), signal);
    for (let at = 0; at < values.length; at += area) longest = Math.max(longest, skewSquare(values, at, size));
  }
  return Math.sqrt(longest);
}

function skewSquare(values: Float32Array, at: number, size: number): number {
  let sum = 0;
  for (let i = 0; i < size; i++) {
    for (let j = 0; j < i; j++) sum += (values[at + i * size + j]! - values[at + j * size + i]!) ** 2;
  }
  return 2 * sum;
}
