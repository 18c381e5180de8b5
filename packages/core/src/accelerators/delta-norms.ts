// Frobenius norms of what an adapter adds and of what it adds to, by block of the network. Reads one layer at a time. A low-rank product
// is never multiplied out: |U D|^2 = trace((U^T U) (D D^T)), and a Kronecker product's norm is the product of its factors' norms.
import { interrupted } from "../errors.js";
import { toFloat32 } from "../tensor/convert.js";
import type {
  Delta,
  GloraDelta,
  Ia3Delta,
  KroneckerFactor,
  PlacedDelta,
  Product,
} from "../weights/adapters/adapter.js";
import { readTensor, tensorChunks } from "../weights/read-tensor.js";
import type { LazyTensor, Weights } from "../weights/weights.js";

export interface BlockNorm {
  /** `down_blocks.0`, `mid_block`, `up_blocks.2`; `other` for the rest. */
  readonly block: string;
  /** |delta| at strength 1, and |W| of the layers it touches. */
  readonly delta: number;
  readonly base: number;
}

export interface AdapterNorms {
  readonly blocks: readonly BlockNorm[];
  /** Modules whose norm has no short form (cores, DoRA, rotations) and is left out. */
  readonly unmeasured: readonly string[];
}

/** Norms of the deltas of one network over its weights. Throws `interrupted` and the codes of reading. */
export async function adapterNorms(
  deltas: readonly PlacedDelta[],
  weights: Weights,
  signal?: AbortSignal,
): Promise<AdapterNorms> {
  const squares = new Map<string, { delta: number; base: number }>();
  const unmeasured: string[] = [];
  for (const { module, parameter, delta } of deltas) {
    if (signal?.aborted) throw interrupted();
    const tensor = weights.get(`${module}.${parameter}`);
    const square = await squareOf(delta, tensor, signal);
    if (square === undefined || tensor === undefined) {
      unmeasured.push(module);
      continue;
    }
    const block = blockOf(module);
    const sum = squares.get(block) ?? { delta: 0, base: 0 };
    squares.set(block, { delta: sum.delta + square, base: sum.base + (await tensorSquare(tensor, signal)) });
  }
  const blocks = [...squares].map(([block, { delta, base }]) => ({
    block,
    delta: Math.sqrt(delta),
    base: Math.sqrt(base),
  }));
  return { blocks: blocks.toSorted((a, b) => (a.block < b.block ? -1 : 1)), unmeasured };
}

function blockOf(module: string): string {
  return /^(?:(?:down|up)_blocks\.\d+|mid_block)/.exec(module)?.[0] ?? "other";
}

async function tensorSquare(tensor: LazyTensor, signal?: AbortSignal): Promise<number> {
  let sum = 0;
  for await (const bytes of tensorChunks(tensor, signal)) sum += dot(toFloat32(bytes, tensor.dtype));
  return sum;
}

async function squareOf(delta: Delta, base: LazyTensor | undefined, signal?: AbortSignal): Promise<number | undefined> {
  switch (delta.kind) {
    case "lora": {
      if (delta.mid !== undefined) return undefined;
      const square = await productSquare({ a: delta.up, b: delta.down }, signal);
      return square * (delta.alpha / delta.rank) ** 2;
    }
    case "loha": {
      if (delta.first.core !== undefined || delta.second.core !== undefined) return undefined;
      return (await hadamardSquare(delta.first, delta.second, signal)) * (delta.alpha / delta.rank) ** 2;
    }
    case "lokr": {
      const first = await factorSquare(delta.first, signal);
      const second = await factorSquare(delta.second, signal);
      return first === undefined || second === undefined ? undefined : first * second * (delta.alpha / delta.rank) ** 2;
    }
    case "diff":
      return tensorSquare(delta.difference, signal);
    case "set":
      return base && (await differenceSquare(delta.value, base, signal));
    case "glora":
      return base && gloraSquare(delta, base, signal);
    case "ia3":
      return base && ia3Square(delta, base, signal);
    case "dora":
    case "rotation":
      return undefined;
    default:
      return delta satisfies never;
  }
}

async function factorSquare(factor: KroneckerFactor, signal?: AbortSignal): Promise<number | undefined> {
  if ("whole" in factor) return tensorSquare(factor.whole, signal);
  return factor.core === undefined ? productSquare(factor, signal) : undefined;
}

/** |a b|^2 with a [out, rank], b [rank, in...]. */
async function productSquare({ a, b }: Product, signal?: AbortSignal): Promise<number> {
  const rank = b.shape[0]!;
  return dot(gram(columns(await readTensor(a, signal), rank)), gram(rows(await readTensor(b, signal), rank)));
}

/** |(a b) o (c d)|^2: the Hadamard product of two low-rank products is one of rank r1 r2, whose Gram matrices are again products. */
async function hadamardSquare(first: Product, second: Product, signal?: AbortSignal): Promise<number> {
  const ranks = [first.b.shape[0]!, second.b.shape[0]!] as const;
  const left = khatriRao(
    columns(await readTensor(first.a, signal), ranks[0]),
    columns(await readTensor(second.a, signal), ranks[1]),
  );
  const right = khatriRao(
    rows(await readTensor(first.b, signal), ranks[0]),
    rows(await readTensor(second.b, signal), ranks[1]),
  );
  return dot(gram(left), gram(right));
}

/** |(W enter leave + up down)|^2 (alpha / rank)^2: one product of twice the rank. Undefined where the layer has a kernel. */
async function gloraSquare(delta: GloraDelta, base: LazyTensor, signal?: AbortSignal): Promise<number | undefined> {
  const [out, width, ...kernel] = base.shape as [number, number, ...number[]];
  if (delta.of.mid !== undefined || kernel.some((size) => size > 1)) return undefined;
  const { rank, alpha, enter, leave, of } = delta;
  const weight = await readTensor(base, signal);
  const into = columns(await readTensor(enter, signal), rank);
  const narrow = into.map((column) =>
    Float32Array.from({ length: out }, (_, o) => dot(weight.subarray(o * width, (o + 1) * width), column)),
  );
  const left = [...narrow, ...columns(await readTensor(of.up, signal), rank)];
  const right = [...rows(await readTensor(leave, signal), rank), ...rows(await readTensor(of.down, signal), rank)];
  return dot(gram(left), gram(right)) * (alpha / rank) ** 2;
}

/** |W o scale|^2. */
async function ia3Square(delta: Ia3Delta, base: LazyTensor, signal?: AbortSignal): Promise<number> {
  const [out, width] = base.shape as [number, number];
  const weight = await readTensor(base, signal);
  const scale = await readTensor(delta.scale, signal);
  const run = weight.length / (delta.onInput ? out * width : out);
  return weight.reduce((sum, x, i) => sum + (x * scale[Math.floor(i / run) % scale.length]!) ** 2, 0);
}

async function differenceSquare(value: LazyTensor, base: LazyTensor, signal?: AbortSignal): Promise<number> {
  const [one, other] = [await readTensor(value, signal), await readTensor(base, signal)];
  return one.reduce((sum, x, i) => sum + (x - other[i]!) ** 2, 0);
}

type Vectors = readonly Float32Array[];

/** The columns of a [count, rank] matrix. */
function columns(values: Float32Array, rank: number): Vectors {
  const count = values.length / rank;
  return Array.from({ length: rank }, (_, r) => Float32Array.from({ length: count }, (_, i) => values[i * rank + r]!));
}

/** The rows of a [rank, count] matrix. */
function rows(values: Float32Array, rank: number): Vectors {
  const count = values.length / rank;
  return Array.from({ length: rank }, (_, r) => values.subarray(r * count, (r + 1) * count));
}

/** Every vector of one with every vector of the other, element by element. */
function khatriRao(first: Vectors, second: Vectors): Vectors {
  return first.flatMap((one) => second.map((other) => one.map((x, i) => x * other[i]!)));
}

/** All inner products of the vectors: [rank, rank]. */
function gram(vectors: Vectors): Float64Array {
  const products = new Float64Array(vectors.length ** 2);
  vectors.forEach((one, i) => {
    for (let j = i; j < vectors.length; j++) {
      const product = dot(one, vectors[j]!);
      products[i * vectors.length + j] = product;
      products[j * vectors.length + i] = product;
    }
  });
  return products;
}

function dot(one: Float32Array | Float64Array, other: Float32Array | Float64Array = one): number {
  let sum = 0;
  for (let i = 0; i < one.length; i++) sum += one[i]! * other[i]!;
  return sum;
}
