// A look at every element of a tensor in bounded memory: NaN, infinities, range. For `inspect --deep` and for checks before a merge.
import { toFloat32 } from "../tensor/convert.js";
import { tensorChunks } from "./read-tensor.js";
import type { LazyTensor } from "./weights.js";

export interface TensorScan {
  readonly elements: number;
  readonly nan: number;
  readonly infinite: number;
  readonly zeros: number;
  /** Over the finite elements; Infinity and -Infinity when there is none. */
  readonly min: number;
  readonly max: number;
  /** Place of the first NaN or infinity in C order; undefined when every element is finite. */
  readonly firstBad: number | undefined;
}

/** Counts in one pass, a chunk (4 MiB unless given) in memory at a time. Throws as readTensor does. */
export async function scanTensor(tensor: LazyTensor, signal?: AbortSignal, chunkBytes?: number): Promise<TensorScan> {
  let [elements, nan, infinite, zeros, min, max] = [0, 0, 0, 0, Infinity, -Infinity];
  let firstBad: number | undefined;
  for await (const bytes of tensorChunks(tensor, signal, chunkBytes)) {
    const values = toFloat32(bytes, tensor.dtype);
    for (let i = 0; i < values.length; i++) {
      const value = values[i] as number;
      if (value - value === 0) {
        if (value === 0) zeros++;
        if (value < min) min = value;
        if (value > max) max = value;
      } else {
        if (Number.isNaN(value)) nan++;
        else infinite++;
        firstBad ??= elements + i;
      }
    }
    elements += values.length;
  }
  return { elements, nan, infinite, zeros, min, max, firstBad };
}
