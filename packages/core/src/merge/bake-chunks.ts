// The bytes of a baked tensor: how its parameters are folded, converted and stored. Shared by both ways to a file: tensor by tensor of a
// single file, and the networks of a folder put together.
import { FewstepError } from "../errors.js";
import type { NetworkId } from "../families/adapter-names.js";
import { toFloat32 } from "../tensor/convert.js";
import { bitsOf, type DType } from "../tensor/dtype.js";
import { readTensor, tensorChunks } from "../weights/read-tensor.js";
import type { TensorToWrite } from "../weights/safetensors-writer.js";
import { scanTensor } from "../weights/scan-tensor.js";
import type { LazyTensor } from "../weights/weights.js";
import { narrowValues } from "./narrow-values.js";

/** "keep": each tensor as the base file stores it. */
export type BakeDType = "keep" | "f32" | "f16" | "bf16" | "f8e4m3" | "f8e5m2";

export type Part = NetworkId | "vae";

/** A network's parameter where it lies in a file. */
export interface Piece {
  readonly part: Part;
  readonly parameter: string;
  readonly tensor: LazyTensor;
}

/** The parameters of a network that adapters change, and their values. */
export interface Folding {
  readonly touched: ReadonlySet<string>;
  fold(name: string, tensor: LazyTensor, signal?: AbortSignal): AsyncGenerator<Float32Array>;
}

export type Foldings = ReadonlyMap<Part, Folding>;

/** A file before it is said in its metadata what was baked into it. */
export interface BareFile {
  readonly tensors: readonly TensorToWrite[];
  readonly metadata: ReadonlyMap<string, string>;
  /** Number of tensors that differ from the base's but for their type. */
  readonly changed: number;
  /** Names of tensors left out: averages of a training, which would be the base's. */
  readonly dropped: readonly string[];
  /** What the base says of itself and the file cannot, a line each. */
  readonly unsaid: readonly string[];
}

const FLOATS: ReadonlySet<DType> = new Set(["f64", "f32", "f16", "bf16", "f8e4m3", "f8e5m2"]);
/** Elements converted at once. */
const SLICE = 2 ** 20;

export function isTouched({ part, parameter }: Piece, foldings: Foldings): boolean {
  return foldings.get(part)?.touched.has(parameter) === true;
}

/** A touched parameter's values, in bands. */
export function foldedBandsOf(
  { part, parameter, tensor }: Piece,
  foldings: Foldings,
  signal?: AbortSignal,
): AsyncGenerator<Float32Array> {
  return explained(foldings.get(part)!.fold(parameter, tensor, signal), tensor, signal);
}

/** The type that a tensor is written in. */
export function typeOf(tensor: LazyTensor, pieces: readonly Piece[], dtype: BakeDType): DType {
  if (dtype === "keep" || pieces.length === 0 || !FLOATS.has(tensor.dtype)) return tensor.dtype;
  const spared = tensor.shape.length < 2 || pieces.some(({ part }) => part === "vae");
  if (bitsOf(dtype) > 8 || !spared) return dtype;
  return bitsOf(tensor.dtype) <= 16 ? tensor.dtype : "f16";
}

export function* narrowed(values: Float32Array, target: DType, name: string): Generator<Uint8Array> {
  for (let at = 0; at < values.length; at += SLICE) yield narrowValues(values.subarray(at, at + SLICE), target, name);
}

export async function* convertedChunks(
  tensor: LazyTensor,
  target: DType,
  signal?: AbortSignal,
): AsyncGenerator<Uint8Array> {
  for await (const bytes of tensorChunks(tensor, signal)) {
    yield narrowValues(toFloat32(bytes, tensor.dtype), target, tensor.name);
  }
}

/** A result that is no number may be the base's fault: then the file is named, and not the strength. */
async function* explained(
  bands: AsyncGenerator<Float32Array>,
  base: LazyTensor,
  signal?: AbortSignal,
): AsyncGenerator<Float32Array> {
  try {
    yield* bands;
  } catch (error) {
    const isOverflow = error instanceof FewstepError && error.code === "folded-not-finite";
    if (isOverflow && (await scanTensor(base, signal)).firstBad !== undefined) {
      narrowValues(
        (await readTensor(base, signal)).filter((value) => !Number.isFinite(value)),
        "f32",
        base.name,
      );
    }
    throw error;
  }
}
