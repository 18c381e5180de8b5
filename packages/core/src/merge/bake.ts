// A checkpoint with adapters in its weights, as the tensors of a file: the names, order and metadata of the base file stay, so that every
// program that reads the base reads the result; a base of several files gets the names of single files (bake-parts.ts). Lazy: a changed
// tensor is computed when its bytes are asked for, everything else is copied in chunks, so memory holds one tensor. Which file tensor a
// network's parameter lies in, its place in the file says.
import { FewstepError } from "../errors.js";
import { type ActiveAdapter, adapterOnNetwork } from "../families/adapter-fit.js";
import type { Checkpoint } from "../families/checkpoint.js";
import type { FileSource } from "../files/source.js";
import { parameterFolder } from "../graph/passes/adapter-fold.js";
import { computeOnce } from "../session/compute-once.js";
import type { Runtime } from "../session/session.js";
import { bitsOf, type DType } from "../tensor/dtype.js";
import { checkFinite } from "../weights/adapters/check-finite.js";
import { readTensor, tensorChunks } from "../weights/read-tensor.js";
import { openSafetensors } from "../weights/safetensors.js";
import type { TensorToWrite } from "../weights/safetensors-writer.js";
import { entriesOf } from "../weights/views.js";
import type { LazyTensor, Weights } from "../weights/weights.js";
import {
  type BakeDType,
  type BareFile,
  convertedChunks,
  type Folding,
  type Foldings,
  foldedBandsOf,
  isTouched,
  narrowed,
  type Part,
  type Piece,
  typeOf,
} from "./bake-chunks.js";
import { bakeParts } from "./bake-parts.js";
import { foldedBands } from "./folded-bands.js";

export type { BakeDType } from "./bake-chunks.js";

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

export interface BakedFile extends Omit<BareFile, "metadata"> {
  readonly metadata: Readonly<Record<string, string>>;
}

const AVERAGES = /^model_ema\./;
/** Digests of the base file, which the result would belie. */
const DIGESTS = /^(?:sshs_|modelspec\.hash_)/;

/**
 * Plans the file; nothing but headers and the adapters is read. Throws `bake-step-strengths`, `adapter-not-finite`, `adapter-twice`; the
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
  const networks = networksOf(checkpoint);
  const foldings = foldingsOf(networks, adapters, runtime);
  const [source, ...others] = checkpoint.files;
  const { metadata, ...file } =
    source === undefined || others.length > 0
      ? bakeParts(checkpoint, networks, foldings, dtype)
      : await bakeFile(source, networks, foldings, dtype, signal);
  return { ...file, metadata: metadataOf(metadata, adapters) };
}

function foldingsOf(
  networks: readonly (readonly [Part, Weights])[],
  adapters: readonly ActiveAdapter[],
  runtime: Runtime,
): Foldings {
  const foldings = new Map<Part, Folding>();
  const compute = computeOnce(runtime);
  for (const [part, base] of networks) {
    if (part === "vae") continue;
    const present = adapters.flatMap(({ id, fit, ...request }) => adapterOnNetwork(id, fit, request, part) ?? []);
    const { touched } = parameterFolder(base, present, compute);
    foldings.set(part, { touched, fold: (name, tensor, stop) => foldedBands(name, tensor, present, compute, stop) });
  }
  return foldings;
}

async function bakeFile(
  source: FileSource,
  networks: readonly (readonly [Part, Weights])[],
  foldings: Foldings,
  dtype: BakeDType,
  signal?: AbortSignal,
): Promise<BareFile> {
  const { weights, metadata } = await openSafetensors(source, signal);
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
    const touched = pieces.filter((piece) => isTouched(piece, foldings));
    const target = typeOf(tensor, pieces, dtype);
    if (touched.length > 0) changed++;
    tensors.push({
      name,
      dtype: target,
      shape: tensor.shape,
      chunks: (stop) =>
        touched.length > 0
          ? foldedChunks(tensor, touched, foldings, target, stop)
          : target === tensor.dtype
            ? tensorChunks(tensor, stop)
            : convertedChunks(tensor, target, stop),
    });
  }
  return { tensors, metadata, changed, dropped, unsaid: [] };
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

async function* foldedChunks(
  tensor: LazyTensor,
  touched: readonly Piece[],
  foldings: Foldings,
  target: DType,
  signal?: AbortSignal,
): AsyncGenerator<Uint8Array> {
  const bands = (piece: Piece) => foldedBandsOf(piece, foldings, signal);
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
