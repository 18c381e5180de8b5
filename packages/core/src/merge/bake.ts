// A checkpoint with adapters in its weights, as the tensors of a file: the names, order and metadata of the base file stay, so that every
// program that reads the base reads the result. Lazy: a changed tensor is computed when its bytes are asked for, everything else is
// copied in chunks, so memory holds one tensor. Which file tensor a network's parameter lies in, its place in the file says.
import { FewstepError } from "../errors.js";
import { type ActiveAdapter, adapterOnNetwork } from "../families/adapter-fit.js";
import type { NetworkId } from "../families/adapter-names.js";
import type { Checkpoint } from "../families/checkpoint.js";
import { parameterFolder } from "../graph/passes/adapter-fold.js";
import { computeOnce } from "../session/compute-once.js";
import type { Runtime } from "../session/session.js";
import { toFloat32 } from "../tensor/convert.js";
import { bitsOf, type DType } from "../tensor/dtype.js";
import { checkFinite } from "../weights/adapters/check-finite.js";
import { readTensor, tensorChunks } from "../weights/read-tensor.js";
import { openSafetensors } from "../weights/safetensors.js";
import type { TensorToWrite } from "../weights/safetensors-writer.js";
import { scanTensor } from "../weights/scan-tensor.js";
import { entriesOf } from "../weights/views.js";
import type { LazyTensor, Weights } from "../weights/weights.js";
import { foldedBands } from "./folded-bands.js";
import { narrowValues } from "./narrow-values.js";

/** "keep": each tensor as the base file stores it. */
export type BakeDType = "keep" | "f32" | "f16" | "bf16" | "f8e4m3" | "f8e5m2";

export interface BakeOptions {
  /** Computes the changed tensors. */
  readonly runtime: Runtime;
  /**
   * Default "keep". The networks' weights are converted, what no network reads is not. The 8-bit types are for matrices of the UNet and
   * the text encoders: vectors and the VAE get 16 bits, since they are few and suffer most.
   */
  readonly dtype?: BakeDType;
  readonly signal?: AbortSignal;
}

export interface BakedFile {
  readonly tensors: readonly TensorToWrite[];
  readonly metadata: Readonly<Record<string, string>>;
  /** Number of tensors that differ from the base file's but for their type. */
  readonly changed: number;
  /** Names of tensors left out: averages of a training, which would be the base's. */
  readonly dropped: readonly string[];
}

type Part = NetworkId | "vae";

/** A network's parameter inside a file tensor. */
interface Piece {
  readonly part: Part;
  readonly parameter: string;
  readonly tensor: LazyTensor;
}

/** The parameters of a network that adapters change, and their values. */
interface Folding {
  readonly touched: ReadonlySet<string>;
  fold(name: string, tensor: LazyTensor, signal?: AbortSignal): AsyncGenerator<Float32Array>;
}

const AVERAGES = /^model_ema\./;
/** Digests of the base file, which the result would belie. */
const DIGESTS = /^(?:sshs_|modelspec\.hash_)/;
const FLOATS: ReadonlySet<DType> = new Set(["f64", "f32", "f16", "bf16", "f8e4m3", "f8e5m2"]);
/** Elements converted at once. */
const SLICE = 2 ** 20;

/**
 * Plans the file; nothing but headers and the adapters is read. Throws `bake-needs-one-file`, `bake-step-strengths`, `adapter-not-finite`, `adapter-twice`; the
 * tensors' chunks throw `weight-not-finite`, `weight-not-in-dtype`, `folded-not-finite`, and what reading and the runtime throw.
 */
export async function bakeCheckpoint(
  checkpoint: Checkpoint,
  adapters: readonly ActiveAdapter[],
  { runtime, dtype = "keep", signal }: BakeOptions,
): Promise<BakedFile> {
  for (const { fit, strengthSteps } of adapters) {
    if (strengthSteps !== undefined) throw stepStrengths(fit.adapter.name);
    await checkFinite(fit.adapter, signal);
  }
  const [source] = checkpoint.files;
  if (source === undefined || checkpoint.files.length > 1) throw severalFiles(checkpoint);
  const { weights, metadata } = await openSafetensors(source, signal);
  const networks = networksOf(checkpoint);
  const folders = new Map<Part, Folding>();
  const compute = computeOnce(runtime);
  for (const [part, base] of networks) {
    if (part === "vae") continue;
    const present = adapters.flatMap(({ id, fit, ...request }) => adapterOnNetwork(id, fit, request, part) ?? []);
    const { touched } = parameterFolder(base, present, compute);
    folders.set(part, { touched, fold: (name, tensor, stop) => foldedBands(name, tensor, present, compute, stop) });
  }
  const piecesOf = pieceFinder(networks);
  const tensors: TensorToWrite[] = [];
  const dropped: string[] = [];
  let changed = 0;
  for (const [name, tensor] of entriesOf(weights)) {
    if (AVERAGES.test(name)) {
      dropped.push(name);
      continue;
    }
    const pieces = piecesOf(tensor);
    const touched = pieces.filter(({ part, parameter }) => folders.get(part)?.touched.has(parameter));
    const target = typeOf(tensor, pieces, dtype);
    if (touched.length > 0) changed++;
    tensors.push({
      name,
      dtype: target,
      shape: tensor.shape,
      chunks: (stop) =>
        touched.length > 0
          ? foldedChunks(tensor, touched, folders, target, stop)
          : target === tensor.dtype
            ? tensorChunks(tensor, stop)
            : convertedChunks(tensor, target, stop),
    });
  }
  return { tensors, metadata: metadataOf(metadata, adapters), changed, dropped };
}

function networksOf({ unet, text, vae }: Checkpoint): readonly (readonly [Part, Weights])[] {
  const encoders = text.slice(0, 2).map(({ weights }, i) => [i === 0 ? "text0" : "text1", weights] as const);
  return [["unet", unet.weights], ...encoders, ...(vae === undefined ? [] : [["vae", vae.weights] as const])];
}

/** What answers which parameters lie in a tensor of the file: one, the three of a fused in_proj, or none. */
function pieceFinder(networks: readonly (readonly [Part, Weights])[]): (tensor: LazyTensor) => readonly Piece[] {
  const pieces = networks
    .flatMap(([part, weights]) => [...entriesOf(weights)].map(([parameter, tensor]) => ({ part, parameter, tensor })))
    .filter(({ tensor }) => tensor.byteLength > 0)
    .sort((a, b) => a.tensor.offset - b.tensor.offset);
  return ({ offset, byteLength }) => {
    let [low, high] = [0, pieces.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (pieces[middle]!.tensor.offset < offset) low = middle + 1;
      else high = middle;
    }
    const found: Piece[] = [];
    for (let i = low; i < pieces.length && pieces[i]!.tensor.offset < offset + byteLength; i++) found.push(pieces[i]!);
    return found;
  };
}

function typeOf(tensor: LazyTensor, pieces: readonly Piece[], dtype: BakeDType): DType {
  if (dtype === "keep" || pieces.length === 0 || !FLOATS.has(tensor.dtype)) return tensor.dtype;
  const spared = tensor.shape.length < 2 || pieces.some(({ part }) => part === "vae");
  if (bitsOf(dtype) > 8 || !spared) return dtype;
  return bitsOf(tensor.dtype) <= 16 ? tensor.dtype : "f16";
}

async function* foldedChunks(
  tensor: LazyTensor,
  touched: readonly Piece[],
  folders: ReadonlyMap<Part, Folding>,
  target: DType,
  signal?: AbortSignal,
): AsyncGenerator<Uint8Array> {
  const bands = (piece: Piece) =>
    explained(folders.get(piece.part)!.fold(piece.parameter, piece.tensor, signal), piece.tensor, signal);
  const [first] = touched;
  if (first!.tensor.byteLength === tensor.byteLength) {
    for await (const values of bands(first!)) yield* narrowed(values, target, tensor.name);
    return;
  }
  // a fused layer: what no adapter changes of it stays as it is
  const whole = (await readTensor(tensor, signal)).slice();
  for (const piece of touched) {
    let at = (8 * (piece.tensor.offset - tensor.offset)) / bitsOf(tensor.dtype);
    for await (const values of bands(piece)) {
      whole.set(values, at);
      at += values.length;
    }
  }
  yield* narrowed(whole, target, tensor.name);
}

function* narrowed(values: Float32Array, target: DType, name: string): Generator<Uint8Array> {
  for (let at = 0; at < values.length; at += SLICE) yield narrowValues(values.subarray(at, at + SLICE), target, name);
}

async function* convertedChunks(tensor: LazyTensor, target: DType, signal?: AbortSignal): AsyncGenerator<Uint8Array> {
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

function metadataOf(
  base: ReadonlyMap<string, string>,
  adapters: readonly ActiveAdapter[],
): Readonly<Record<string, string>> {
  const kept = [...base].filter(([key]) => !DIGESTS.test(key));
  const baked = adapters.map(({ fit, strengthUnet, strengthText, blocks }) => ({
    name: fit.adapter.name,
    strengthUnet,
    strengthText,
    ...(blocks && { blocks }),
  }));
  return Object.fromEntries([...kept, ["fewstep.baked", JSON.stringify(baked)]]);
}

function stepStrengths(name: string): FewstepError {
  return new FewstepError({
    code: "bake-step-strengths",
    message: "weights hold one strength, not one for each step",
    found: `a list of strengths for ${name}`,
    expected: "one number",
  });
}

function severalFiles({ name, files }: Checkpoint): FewstepError {
  return new FewstepError({
    code: "bake-needs-one-file",
    message: `${name} is no single-file checkpoint`,
    found: `${files.length} files`,
    expected: "a checkpoint in one .safetensors file",
    hint: "bake into the single file that the folder was made from",
  });
}
