// The difference of one weight in two files: its size, read in chunks, and products with it, computed by a runtime from the files in place.
import { FewstepError } from "../errors.js";
import { showName } from "../files/show-name.js";
import { GraphBuilder } from "../graph/builder.js";
import type { Graph, Value } from "../graph/graph.js";
import type { Runtime } from "../session/session.js";
import { toFloat32 } from "../tensor/convert.js";
import { bitsOf } from "../tensor/dtype.js";
import { elementCount } from "../tensor/shape.js";
import type { Tensor } from "../tensor/tensor.js";
import { readTensor, tensorChunks } from "../weights/read-tensor.js";
import { type LazyTensor, weightsOf } from "../weights/weights.js";
import { type MatrixProducts, sketchWidth } from "./truncated-svd.js";

/** A weight where it lies; `turned`: stored as [in, out]. */
export interface StoredWeight {
  readonly tensor: LazyTensor;
  readonly turned: boolean;
}

/** One weight as two files have it, of one shape but for the turn. */
export interface WeightPair {
  readonly base: StoredWeight;
  readonly tuned: StoredWeight;
}

/** Elements of a chunk: a multiple of 8, so that its bytes are too. */
const CHUNK = 2 ** 20;

/** Sum of the squares of tuned - base, in double precision. Throws `weight-not-finite`. */
export async function squaredDifference(pair: WeightPair, signal?: AbortSignal): Promise<number> {
  const [base, tuned] = [pair.base.tensor, pair.tuned.tensor];
  let sum = 0;
  if (pair.base.turned === pair.tuned.turned) {
    const theirs = floatChunks(tuned, signal);
    for await (const mine of floatChunks(base, signal)) {
      sum += squares(mine, (await theirs.next()).value as Float32Array);
    }
  } else {
    sum = squares(await readTensor(base, signal), transposed(await readTensor(tuned, signal), tuned.shape));
  }
  if (Number.isFinite(sum)) return sum;
  throw new FewstepError({
    code: "weight-not-finite",
    message: "a weight is no number",
    found: `NaN or infinity in ${showName(base.name)} of ${base.file.name} or ${tuned.file.name}`,
    expected: "finite numbers",
    hint: "a file is damaged: `fewstep inspect --deep` names all such tensors; get it again from its author",
  });
}

async function* floatChunks(tensor: LazyTensor, signal?: AbortSignal): AsyncGenerator<Float32Array> {
  for await (const bytes of tensorChunks(tensor, signal, (CHUNK * bitsOf(tensor.dtype)) / 8)) {
    yield toFloat32(bytes, tensor.dtype);
  }
}

function squares(mine: Float32Array, theirs: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < mine.length; i++) {
    const change = theirs[i]! - mine[i]!;
    sum += change * change;
  }
  return sum;
}

function transposed(values: Float32Array, [rows, columns]: readonly number[]): Float32Array {
  return values.map((_, i) => values[(i % rows!) * columns! + Math.floor(i / rows!)]!);
}

/** The difference as a matrix, loaded for products. */
export interface LoadedDifference extends MatrixProducts {
  /** The matrix is [columns, rows] of the weight: a wide one is looked at from its short side. */
  readonly isTall: boolean;
  dispose(): Promise<void>;
}

interface Matrix {
  readonly builder: GraphBuilder;
  readonly difference: Value;
  readonly rows: number;
  readonly columns: number;
}

/** tuned - base as [out, in * kernel]. */
function matrixOf(name: string, { base, tuned }: WeightPair): Matrix {
  const builder = new GraphBuilder(name);
  const { shape } = base.tensor;
  const [rows, ...inner] = (base.turned ? shape.toReversed() : shape) as [number, ...number[]];
  const columns = elementCount(inner);
  const flat = (id: string, { tensor, turned }: StoredWeight) => {
    const weight = builder.weight(id, tensor.shape);
    const upright = turned ? builder.op("Transpose", [weight], { permutation: [1, 0] }) : weight;
    return builder.op("Reshape", [upright], { shape: [rows, columns] });
  };
  return { builder, difference: builder.op("Sub", [flat("tuned", tuned), flat("base", base)]), rows, columns };
}

const weightsOfPair = ({ base, tuned }: WeightPair) =>
  weightsOf([
    ["base", base.tensor],
    ["tuned", tuned.tensor],
  ]);

/** Products of the difference, as many columns as its `rank` largest directions need. */
export async function loadDifference(
  runtime: Runtime,
  pair: WeightPair,
  rank: number,
  signal?: AbortSignal,
): Promise<LoadedDifference> {
  const { builder, difference, rows, columns } = matrixOf("difference", pair);
  const isTall = rows > columns;
  const short = Math.min(rows, columns);
  const x = builder.input("x", [short, sketchWidth(short, rank)]);
  const across = builder.op("MatMul", [difference, x], { transposeA: !isTall, transposeB: false });
  const back = builder.op("MatMul", [difference, across], { transposeA: isTall, transposeB: false });
  const graph = builder.finish([
    { name: "across", value: across },
    { name: "back", value: back },
  ]);
  const session = await runtime.load(graph, weightsOfPair(pair), signal ? { signal } : {});
  return {
    rows: short,
    columns: Math.max(rows, columns),
    isTall,
    async multiply(values) {
      const feeds = { x: { dtype: "f32", shape: x.shape, data: values } as const };
      const outputs = await session.run(feeds, signal ? { signal } : {});
      return { across: outputs.across!.data as Float32Array, back: outputs.back!.data as Float32Array };
    },
    dispose: () => session.dispose(),
  };
}

/** Sum of the squares of tuned - base - up down, for up [out, rank] and down [rank, in * kernel]. */
export async function squaredRemainder(
  runtime: Runtime,
  pair: WeightPair,
  factors: { readonly up: Float32Array; readonly down: Float32Array; readonly rank: number },
  signal?: AbortSignal,
): Promise<number> {
  const { builder, difference, rows, columns } = matrixOf("remainder", pair);
  const up = builder.input("up", [rows, factors.rank]);
  const down = builder.input("down", [factors.rank, columns]);
  const product = builder.op("MatMul", [up, down], { transposeA: false, transposeB: false });
  const left = builder.op("Sub", [difference, product]);
  const squares = builder.op("Mul", [left, left]);
  const graph: Graph = builder.finish([
    { name: "squares", value: builder.op("ReduceSum", [squares], { axes: [1], keepDims: false }) },
  ]);
  const session = await runtime.load(graph, weightsOfPair(pair), signal ? { signal } : {});
  try {
    const feeds: Readonly<Record<string, Tensor>> = {
      up: { dtype: "f32", shape: up.shape, data: factors.up },
      down: { dtype: "f32", shape: down.shape, data: factors.down },
    };
    const outputs = await session.run(feeds, signal ? { signal } : {});
    // rows are summed by the runtime, their sums here in double precision
    return (outputs.squares!.data as Float32Array).reduce((sum, row) => sum + row, 0);
  } finally {
    await session.dispose();
  }
}
