// The type of every op's output from the types of its inputs. A breach is a bug in a model builder, hence RangeError.
import type { GraphDType, TensorType } from "../graph.js";
import type { OpAttributes, OpName } from "./op-attributes.js";

type Rule<O extends OpName> = (inputs: readonly TensorType[], attributes: OpAttributes[O]) => TensorType;

const size = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);

function check(condition: boolean, what: string, inputs: readonly TensorType[]): void {
  if (!condition) throw new RangeError(`${what}: ${inputs.map((input) => `[${input.shape}]`).join(" ")}`);
}

function at(inputs: readonly TensorType[], index: number): TensorType {
  const input = inputs[index];
  if (input === undefined) throw new RangeError(`input ${index} is missing`);
  return input;
}

const f32 = (shape: readonly number[]): TensorType => ({ dtype: "f32", shape });
const same = (inputs: readonly TensorType[]): TensorType => at(inputs, 0);

/** numpy's broadcast of two shapes. */
export function broadcast(a: readonly number[], b: readonly number[]): readonly number[] {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, i) => {
    const x = a[i - rank + a.length] ?? 1;
    const y = b[i - rank + b.length] ?? 1;
    if (x !== y && x !== 1 && y !== 1) throw new RangeError(`shapes [${a}] and [${b}] do not broadcast`);
    return x === 1 ? y : x;
  });
}

const binary = (inputs: readonly TensorType[]): TensorType => ({
  dtype: at(inputs, 0).dtype,
  shape: broadcast(at(inputs, 0).shape, at(inputs, 1).shape),
});

function reduce(
  inputs: readonly TensorType[],
  { axes, keepDims }: { readonly axes: readonly number[]; readonly keepDims: boolean },
): TensorType {
  const { shape } = at(inputs, 0);
  check(
    axes.every((axis) => axis >= 0 && axis < shape.length),
    `axes ${axes}`,
    inputs,
  );
  return f32(keepDims ? shape.map((n, i) => (axes.includes(i) ? 1 : n)) : shape.filter((_, i) => !axes.includes(i)));
}

/** Output size of one axis of a convolution. */
export const convolved = (n: number, kernel: number, stride: number, before: number, after: number): number =>
  Math.floor((n + before + after - kernel) / stride) + 1;

export const shapeRules: { readonly [O in OpName]: Rule<O> } = {
  Neg: same,
  Exp: same,
  Log: same,
  Sqrt: same,
  Reciprocal: same,
  Abs: same,
  Sin: same,
  Cos: same,
  Erf: same,
  Tanh: same,
  Sigmoid: same,
  Relu: same,
  Step: same,
  Silu: same,
  Gelu: same,
  QuickGelu: same,
  Clip: same,
  Affine: same,
  Softmax: same,
  Add: binary,
  Sub: binary,
  Mul: binary,
  Div: binary,
  Maximum: binary,
  Minimum: binary,
  Reshape(inputs, { shape }) {
    check(size(shape) === size(at(inputs, 0).shape), `Reshape to [${shape}]`, inputs);
    return { dtype: at(inputs, 0).dtype, shape };
  },
  Transpose(inputs, { permutation }) {
    const { dtype, shape } = at(inputs, 0);
    check(permutation.length === shape.length, `Transpose ${permutation}`, inputs);
    return { dtype, shape: permutation.map((axis) => shape[axis]!) };
  },
  Concat(inputs, { axis }) {
    const { dtype, shape } = at(inputs, 0);
    check(
      inputs.every((input) => input.shape.every((n, i) => i === axis || n === shape[i])),
      `Concat on axis ${axis}`,
      inputs,
    );
    return { dtype, shape: shape.map((n, i) => (i === axis ? inputs.reduce((sum, x) => sum + x.shape[axis]!, 0) : n)) };
  },
  Slice(inputs, { axis, start, end }) {
    const { dtype, shape } = at(inputs, 0);
    check(start >= 0 && end > start && end <= (shape[axis] ?? -1), `Slice ${start}:${end} of axis ${axis}`, inputs);
    return { dtype, shape: shape.map((n, i) => (i === axis ? end - start : n)) };
  },
  Pad(inputs, { pads }) {
    const { dtype, shape } = at(inputs, 0);
    check(pads.length === 2 * shape.length, `Pad ${pads}`, inputs);
    return { dtype, shape: shape.map((n, i) => n + pads[i]! + pads[i + shape.length]!) };
  },
  Expand(inputs, { shape }) {
    const result = broadcast(at(inputs, 0).shape, shape);
    check(result.length === shape.length && result.every((n, i) => n === shape[i]), `Expand to [${shape}]`, inputs);
    return { dtype: at(inputs, 0).dtype, shape };
  },
  ResizeNearest(inputs, { height, width }) {
    const { shape } = at(inputs, 0);
    check(shape.length === 4, "ResizeNearest wants NCHW", inputs);
    return f32([shape[0]!, shape[1]!, height, width]);
  },
  Gather(inputs) {
    const [table, indices] = [at(inputs, 0), at(inputs, 1)];
    check(indices.dtype === "i64", "Gather wants i64 indices", inputs);
    return { dtype: table.dtype, shape: [...indices.shape, ...table.shape.slice(1)] };
  },
  ReduceSum: reduce,
  ReduceMean: reduce,
  MatMul(inputs, { transposeA, transposeB }) {
    const [a, b] = [at(inputs, 0).shape, at(inputs, 1).shape];
    const [aRows, aColumns] = transposeA ? [a.at(-1)!, a.at(-2)!] : [a.at(-2)!, a.at(-1)!];
    const [bRows, bColumns] = transposeB ? [b.at(-1)!, b.at(-2)!] : [b.at(-2)!, b.at(-1)!];
    check(a.length >= 2 && b.length >= 2 && aColumns === bRows, "MatMul", inputs);
    return f32([...broadcast(a.slice(0, -2), b.slice(0, -2)), aRows, bColumns]);
  },
  Linear(inputs) {
    const [x, weight] = [at(inputs, 0).shape, at(inputs, 1).shape];
    check(weight.length === 2 && x.at(-1) === weight[1], "Linear", inputs);
    return f32([...x.slice(0, -1), weight[0]!]);
  },
  Conv(inputs, { strides, pads }) {
    const [x, weight] = [at(inputs, 0).shape, at(inputs, 1).shape];
    check(x.length === 4 && weight.length === 4 && x[1] === weight[1], "Conv", inputs);
    return f32([
      x[0]!,
      weight[0]!,
      convolved(x[2]!, weight[2]!, strides[0], pads[0], pads[2]),
      convolved(x[3]!, weight[3]!, strides[1], pads[1], pads[3]),
    ]);
  },
  ConvInputGradient(inputs, { size: [height, width] }) {
    const [dy, weight] = [at(inputs, 0).shape, at(inputs, 1).shape];
    check(dy.length === 4 && weight.length === 4 && dy[1] === weight[0], "ConvInputGradient", inputs);
    return f32([dy[0]!, weight[1]!, height, width]);
  },
  ConvWeightGradient(inputs, { kernel: [height, width] }) {
    const [x, dy] = [at(inputs, 0).shape, at(inputs, 1).shape];
    check(x.length === 4 && dy.length === 4 && x[0] === dy[0], "ConvWeightGradient", inputs);
    return f32([dy[1]!, x[1]!, height, width]);
  },
  GroupNorm(inputs, { groups }) {
    const { shape } = at(inputs, 0);
    check(shape.length >= 2 && shape[1]! % groups === 0, `GroupNorm in ${groups} groups`, inputs);
    return at(inputs, 0);
  },
  LayerNorm: same,
  Attention(inputs, { heads }) {
    const [q, k, v] = [at(inputs, 0).shape, at(inputs, 1).shape, at(inputs, 2).shape];
    check(
      q.length === 3 && q[2]! % heads === 0 && k[2] === q[2] && k[1] === v[1],
      `Attention of ${heads} heads`,
      inputs,
    );
    return f32([q[0]!, q[1]!, v[2]!]);
  },
};

/** Applies the rule of `op`. */
export function outputType<O extends OpName>(
  op: O,
  inputs: readonly (TensorType | undefined)[],
  attributes: OpAttributes[O],
): TensorType {
  const present = inputs.filter((input): input is TensorType => input !== undefined);
  try {
    const { dtype, shape } = (shapeRules[op] as Rule<O>)(present, attributes);
    return { dtype, shape };
  } catch (cause) {
    throw new RangeError(`${op}: ${(cause as Error).message}`, { cause });
  }
}

export type { GraphDType };
