// Reads the elements of a lazy tensor: whole, or in chunks of bounded size for tensors of any length. Only its own bytes are read.
import { readBytes } from "../files/read-bytes.js";
import { toFloat32 } from "../tensor/convert.js";
import type { LazyTensor } from "./weights.js";

/** Bytes of one chunk: large enough to be cheap to read, a multiple of every element size. */
export const CHUNK_BYTES = 2 ** 22;

/** The stored bytes, little-endian, C order. Throws `file-changed`, `file-unreadable` or `interrupted`. */
export function readTensorBytes(tensor: LazyTensor, signal?: AbortSignal): Promise<Uint8Array> {
  return readBytes(tensor.file, tensor.offset, tensor.byteLength, signal);
}

/** The elements as float32, C order (exact for F16, BF16, F8 and F32). Throws also `unsupported-dtype`. */
export async function readTensor(tensor: LazyTensor, signal?: AbortSignal): Promise<Float32Array> {
  return toFloat32(await readTensorBytes(tensor, signal), tensor.dtype);
}

/** The stored bytes in order, in chunks of whole elements and at most `chunkBytes` (a multiple of 8; default 4 MiB). */
export async function* tensorChunks(
  tensor: LazyTensor,
  signal?: AbortSignal,
  chunkBytes = CHUNK_BYTES,
): AsyncGenerator<Uint8Array> {
  for (let start = 0; start < tensor.byteLength; start += chunkBytes) {
    const length = Math.min(chunkBytes, tensor.byteLength - start);
    yield await readBytes(tensor.file, tensor.offset + start, length, signal);
  }
}
