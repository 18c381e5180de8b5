// Writes the safetensors format as a stream of byte chunks: header first, then the data as it is produced. The caller puts them into a
// temporary file and renames it. Layout as the reference writer: dtypes of larger alignment first, then by name; the header is padded
// with spaces to 8 bytes, so every tensor is aligned.
import { FewstepError, interrupted } from "../errors.js";
import { showName } from "../files/show-name.js";
import { bitsOf, type DType, layoutRank, safetensorsName } from "../tensor/dtype.js";
import { elementCount } from "../tensor/shape.js";
import { safetensorsError } from "./safetensors-errors.js";
import { MAX_HEADER_BYTES } from "./safetensors-limits.js";

export interface TensorToWrite {
  readonly name: string;
  readonly dtype: DType;
  readonly shape: readonly number[];
  /** The bytes, little-endian, C order, in chunks of any size; asked for once, when their turn comes. */
  chunks(signal?: AbortSignal): Iterable<Uint8Array> | AsyncIterable<Uint8Array>;
}

/** An empty tensor, whose name alone says something of a model, as ComfyUI reads them: `ztsnr`, `v_pred`. */
export const markerTensor = (name: string): TensorToWrite => ({ name, dtype: "f32", shape: [0], chunks: () => [] });

export interface SafetensorsLayout {
  /** The length field, the JSON and its padding: a multiple of 8 bytes. */
  readonly header: Uint8Array;
  /** The tensors in the order of their data. */
  readonly tensors: readonly TensorToWrite[];
  readonly fileBytes: number;
}

/** Decides the layout. Throws `duplicate-tensor` or `safetensors-header-too-large`. */
export function layoutSafetensors(
  tensors: readonly TensorToWrite[],
  metadata?: Readonly<Record<string, string>>,
): SafetensorsLayout {
  const ordered = tensors.toSorted((a, b) => layoutRank(b.dtype) - layoutRank(a.dtype) || compare(a.name, b.name));
  const names = new Set<string>();
  const members = metadata === undefined ? [] : [`"__metadata__":${JSON.stringify(metadata)}`];
  let end = 0;
  for (const { name, dtype, shape } of ordered) {
    if (names.has(name) || name === "__metadata__") throw duplicateTensor(name);
    names.add(name);
    const begin = end;
    end += (elementCount(shape) * bitsOf(dtype)) / 8;
    const entry = { dtype: safetensorsName(dtype), shape, data_offsets: [begin, end] };
    members.push(`${JSON.stringify(name)}:${JSON.stringify(entry)}`);
  }
  const header = framed(`{${members.join(",")}}`);
  return { header, tensors: ordered, fileBytes: header.length + end };
}

/** The bytes of the file. Throws also `tensor-bytes-mismatch` when a tensor yields more or fewer bytes than its shape needs. */
export async function* writeSafetensors(layout: SafetensorsLayout, signal?: AbortSignal): AsyncGenerator<Uint8Array> {
  yield layout.header;
  for (const tensor of layout.tensors) {
    const expected = (elementCount(tensor.shape) * bitsOf(tensor.dtype)) / 8;
    let written = 0;
    for await (const chunk of tensor.chunks(signal)) {
      if (signal?.aborted) throw interrupted();
      written += chunk.length;
      if (written > expected) throw wrongBytes(tensor, written, expected);
      yield chunk;
    }
    if (written !== expected) throw wrongBytes(tensor, written, expected);
  }
}

/** By UTF-16 code unit: the reference's byte order for all names without characters beyond the basic plane. */
function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function framed(json: string): Uint8Array {
  const text = new TextEncoder().encode(json);
  const length = Math.ceil(text.length / 8) * 8;
  if (length > MAX_HEADER_BYTES) {
    throw safetensorsError("safetensors-header-too-large", {
      message: "the safetensors header would be too large",
      found: `${length} bytes`,
      expected: `at most ${MAX_HEADER_BYTES} bytes`,
      hint: "shorten the metadata",
    });
  }
  const header = new Uint8Array(8 + length).fill(0x20);
  new DataView(header.buffer).setBigUint64(0, BigInt(length), true);
  header.set(text, 8);
  return header;
}

function duplicateTensor(name: string): FewstepError {
  return new FewstepError({
    code: "duplicate-tensor",
    message: `a file cannot hold a tensor ${showName(name)}`,
    found: name === "__metadata__" ? "the name the format keeps for metadata" : "two of that name",
  });
}

function wrongBytes(tensor: TensorToWrite, written: number, expected: number): FewstepError {
  return new FewstepError({
    code: "tensor-bytes-mismatch",
    kind: "failed",
    message: `tensor ${showName(tensor.name)} was given the wrong number of bytes`,
    found: `${written} bytes${written > expected ? " or more" : ""}`,
    expected: `${expected} bytes`,
  });
}
