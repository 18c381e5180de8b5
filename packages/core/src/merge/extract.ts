// Two checkpoints to the LoRA between them: each layer's difference cut down to a low rank, in kohya's names, and what that leaves out.
// Convolutions and text encoders included. What no LoRA can hold (biases, norms, embedding tables) is added whole if asked for, else
// counted into the error. The VAE is not looked at.
import { FewstepError } from "../errors.js";
import type { NetworkId } from "../families/adapter-names.js";
import type { Checkpoint } from "../families/checkpoint.js";
import { showName } from "../files/show-name.js";
import type { Runtime } from "../session/session.js";
import { fromFloat32, toFloat32 } from "../tensor/convert.js";
import type { DType } from "../tensor/dtype.js";
import { elementCount, formatShape } from "../tensor/shape.js";
import { readTensor } from "../weights/read-tensor.js";
import type { TensorToWrite } from "../weights/safetensors-writer.js";
import { entriesOf } from "../weights/views.js";
import type { LazyTensor, Weights } from "../weights/weights.js";
import { extractLayer, type RankWish } from "./extract-layer.js";
import { narrowValues } from "./narrow-values.js";
import { type StoredWeight, squaredDifference, type WeightPair } from "./weight-difference.js";

export interface ExtractOptions {
  readonly runtime: Runtime;
  /** Of every layer, or of those with a kernel beyond 1x1 apart. */
  readonly rank: RankWish;
  readonly convRank?: RankWish;
  /** Type of the factors; default "f16". */
  readonly dtype?: "f16" | "bf16" | "f32";
  /** Adds the differences of biases and norms whole (`diff_b`, `w_norm`, `b_norm`). Default false: few tools read them. */
  readonly vectors?: boolean;
  /** The text encoders too. Default true. */
  readonly text?: boolean;
  readonly onProgress?: (done: number, of: number, name: string) => void;
  readonly signal?: AbortSignal;
}

export interface ExtractedLayer {
  /** In the file: `lora_unet_...`. */
  readonly name: string;
  readonly rank: number;
  /** |difference|, and the share of it that the file leaves out. */
  readonly size: number;
  readonly error: number;
}

export interface ExtractedLora {
  readonly tensors: readonly TensorToWrite[];
  readonly layers: readonly ExtractedLayer[];
  /** |what the file leaves out| / |difference|, over all that was compared: 0 is nothing, 1 is all. */
  readonly error: number;
  /** Differing parameters that the file does not hold, and their part of the difference's squares. */
  readonly left: { readonly names: readonly string[]; readonly share: number };
}

const TABLE = /\bembeddings\./;

interface Compared {
  readonly network: NetworkId;
  readonly parameter: string;
  readonly pair: WeightPair;
}

/**
 * Throws `extract-other-model` where the two are not of one shape, `extract-no-difference`, `weight-not-finite`, `weight-not-in-dtype`,
 * and what reading and the runtime throw.
 */
export async function extractLora(
  base: Checkpoint,
  tuned: Checkpoint,
  { runtime, rank, convRank = rank, dtype = "f16", vectors = false, text = true, onProgress, signal }: ExtractOptions,
): Promise<ExtractedLora> {
  if (base.family.id !== tuned.family.id) throw otherFamily(base, tuned);
  const compared = networksOf(base, text).flatMap(([network, weights]) => pairsOf(base, tuned, network, weights));
  const tensors: TensorToWrite[] = [];
  const layers: ExtractedLayer[] = [];
  const names: string[] = [];
  let [all, left, unheld] = [0, 0, 0];
  for (const [index, { network, parameter, pair }] of compared.entries()) {
    onProgress?.(index, compared.length, parameter);
    const squares = await squaredDifference(pair, signal);
    if (squares === 0) continue;
    all += squares;
    const place = loraName(base, network, parameter);
    const shape = uprightShape(pair.base);
    if (TABLE.test(parameter) || (shape.length < 2 && !vectors)) {
      names.push(parameter);
      unheld += squares;
      continue;
    }
    if (shape.length < 2) {
      const vector = await vectorTensor(place, pair, dtype, signal);
      tensors.push(vector.tensor);
      left += vector.remainder;
      continue;
    }
    const wish = elementCount(shape.slice(2)) > 1 ? convRank : rank;
    const options = { runtime, dtype, name: place.module, ...(signal && { signal }) };
    const { rank: found, up, down, remainder } = await extractLayer(pair, squares, wish, options);
    left += remainder;
    layers.push({ name: place.module, rank: found, size: Math.sqrt(squares), error: Math.sqrt(remainder / squares) });
    tensors.push(...factorTensors(place.module, shape, found, dtype, { up, down }));
  }
  onProgress?.(compared.length, compared.length, "");
  if (tensors.length === 0) throw noDifference(base, tuned, names);
  return {
    tensors,
    layers,
    error: Math.sqrt((left + unheld) / all),
    left: { names, share: unheld / all },
  };
}

function networksOf({ unet, text }: Checkpoint, withText: boolean): readonly (readonly [NetworkId, Weights])[] {
  const encoders = text.slice(0, 2).map(({ weights }, i) => [i === 0 ? "text0" : "text1", weights] as const);
  return [["unet", unet.weights], ...(withText ? encoders : [])];
}

function weightsIn({ unet, text }: Checkpoint, network: NetworkId): Weights | undefined {
  return network === "unet" ? unet.weights : text[network === "text0" ? 0 : 1]?.weights;
}

function isTurned({ text }: Checkpoint, network: NetworkId, parameter: string): boolean {
  if (network === "unet" || parameter !== "text_projection.weight") return false;
  return text[network === "text0" ? 0 : 1]!.config.projectionLayout === "in-out";
}

const uprightShape = ({ tensor, turned }: StoredWeight): readonly number[] =>
  turned ? tensor.shape.toReversed() : tensor.shape;

/** 1x1 convolutions and linear layers are the same. */
const matrixShape = (shape: readonly number[]): readonly number[] =>
  shape.slice(0, shape.findLastIndex((axis, i) => i < 2 || axis !== 1) + 1);

function pairsOf(base: Checkpoint, tuned: Checkpoint, network: NetworkId, weights: Weights): readonly Compared[] {
  const theirs = weightsIn(tuned, network);
  return [...entriesOf(weights)].map(([parameter, tensor]) => {
    const other = theirs?.get(parameter);
    const stored = (model: Checkpoint, one: LazyTensor) => ({
      tensor: one,
      turned: isTurned(model, network, parameter),
    });
    const pair = other && { base: stored(base, tensor), tuned: stored(tuned, other) };
    if (
      pair === undefined ||
      `${matrixShape(uprightShape(pair.base))}` !== `${matrixShape(uprightShape(pair.tuned))}`
    ) {
      throw otherModel(base, tuned, tensor, other);
    }
    return { network, parameter, pair };
  });
}

interface Place {
  readonly module: string;
  readonly parameter: "weight" | "bias";
  readonly isNorm: boolean;
}

/** kohya's prefixes; the UNet's layers in diffusers' names, which all tools read for both families. */
function loraName({ text }: Checkpoint, network: NetworkId, parameter: string): Place {
  const first = text.length > 1 ? "lora_te1" : "lora_te";
  const prefix = network === "unet" ? "lora_unet" : network === "text0" ? first : "lora_te2";
  const dot = parameter.lastIndexOf(".");
  const module = parameter.slice(0, dot);
  return {
    module: `${prefix}_${module.replaceAll(".", "_")}`,
    parameter: parameter.slice(dot + 1) === "bias" ? "bias" : "weight",
    isNorm: /norm[^.]*$/.test(module),
  };
}

function factorTensors(
  module: string,
  [out, width, ...kernel]: readonly number[],
  rank: number,
  dtype: DType,
  { up, down }: { readonly up: Uint8Array; readonly down: Uint8Array },
): readonly TensorToWrite[] {
  const ones = kernel.map(() => 1);
  return [
    { name: `${module}.lora_down.weight`, dtype, shape: [rank, width!, ...kernel], chunks: () => [down] },
    { name: `${module}.lora_up.weight`, dtype, shape: [out!, rank, ...ones], chunks: () => [up] },
    { name: `${module}.alpha`, dtype: "f32", shape: [], chunks: () => [fromFloat32(Float32Array.of(rank), "f32")] },
  ];
}

/** The difference of a bias or a norm's scale, whole. */
async function vectorTensor(
  { module, parameter, isNorm }: Place,
  { base, tuned }: WeightPair,
  dtype: DType,
  signal?: AbortSignal,
): Promise<{ readonly tensor: TensorToWrite; readonly remainder: number }> {
  const mine = await readTensor(base.tensor, signal);
  const theirs = await readTensor(tuned.tensor, signal);
  const change = theirs.map((value, i) => value - mine[i]!);
  const role = isNorm ? (parameter === "bias" ? "b_norm" : "w_norm") : parameter === "bias" ? "diff_b" : "diff";
  const name = `${module}.${role}`;
  const bytes = narrowValues(change, dtype, name);
  const stored = toFloat32(bytes, dtype);
  const remainder = change.reduce((sum, value, i) => sum + (value - stored[i]!) ** 2, 0);
  return { tensor: { name, dtype, shape: base.tensor.shape, chunks: () => [bytes] }, remainder };
}

function otherFamily(base: Checkpoint, tuned: Checkpoint): FewstepError {
  return new FewstepError({
    code: "extract-other-model",
    message: `${tuned.name} was not made from ${base.name}: they are of two families`,
    found: tuned.family.title,
    expected: `${base.family.title}, as ${base.name}`,
    hint: "give two checkpoints of one family, the tuned one trained from the base",
  });
}

function otherModel(
  base: Checkpoint,
  tuned: Checkpoint,
  mine: LazyTensor,
  theirs: LazyTensor | undefined,
): FewstepError {
  return new FewstepError({
    code: "extract-other-model",
    message: `${tuned.name} was not made from ${base.name}: their weights are not of one shape`,
    found: theirs === undefined ? `no ${showName(mine.name)}` : `${showName(theirs.name)} ${formatShape(theirs.shape)}`,
    expected: `${showName(mine.name)} ${formatShape(mine.shape)}, as in ${base.name}`,
    hint: "give two checkpoints of one family, the tuned one trained from the base",
  });
}

function noDifference(base: Checkpoint, tuned: Checkpoint, names: readonly string[]): FewstepError {
  return new FewstepError({
    code: "extract-no-difference",
    message: `no layer of ${tuned.name} differs from ${base.name}`,
    found: names.length === 0 ? "equal weights" : `differences only in ${names.slice(0, 5).map(showName).join(", ")}`,
    expected: "a checkpoint that was trained from the base",
    ...(names.length === 0 ? {} : { hint: "biases and norms can be kept whole, which few tools read (--vectors)" }),
  });
}
