// Every op of the graph in doubles, straight from its definition in core's op-attributes.ts. ONNX Runtime's CPU has no double kernels for
// convolutions, Erf, normalisation or Resize, and single precision is too coarse for finite differences.
import { type NodeOf, type OpName, outputType } from "@fewstep/core";
import { erf } from "./erf.test.fixture.js";
import { at, broadcastAt, build, count, type Nd } from "./nd.test.fixture.js";

type Op<O extends OpName> = (inputs: readonly Nd[], node: NodeOf<O>) => Nd;

const first = (inputs: readonly Nd[]): Nd => inputs[0]!;
const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));

const unary =
  (f: (x: number) => number): Op<OpName> =>
  (inputs) => ({ shape: first(inputs).shape, data: first(inputs).data.map(f) });

const binary =
  (f: (x: number, y: number) => number): Op<OpName> =>
  ([x, y], node) =>
    build(node.output.shape, (index) => f(broadcastAt(x!, index), broadcastAt(y!, index)));

function reduced(x: Nd, axes: readonly number[], shape: readonly number[], scale: number): Nd {
  const sums = new Map<string, number>();
  build(x.shape, (index, flat) => {
    const key = index.map((i, axis) => (axes.includes(axis) ? 0 : i)).join();
    sums.set(key, (sums.get(key) ?? 0) + x.data[flat]!);
    return 0;
  });
  // keys come in C order of the kept axes, with or without the reduced ones
  const values = [...sums.values()];
  return build(shape, (_, flat) => values[flat]! * scale);
}

/** Applies f to every run of `length` elements. */
function alongRuns(x: Nd, length: number, f: (run: Float64Array) => Float64Array): Nd {
  const data = new Float64Array(x.data.length);
  for (let start = 0; start < data.length; start += length) data.set(f(x.data.subarray(start, start + length)), start);
  return { shape: x.shape, data };
}

function softmax(run: Float64Array): Float64Array {
  const largest = run.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  const powers = run.map((v) => Math.exp(v - largest));
  const total = powers.reduce((a, b) => a + b, 0);
  return powers.map((v) => v / total);
}

function normalise(run: Float64Array, epsilon: number): Float64Array {
  const mean = run.reduce((a, b) => a + b, 0) / run.length;
  const variance = run.reduce((a, b) => a + (b - mean) ** 2, 0) / run.length;
  return run.map((v) => (v - mean) / Math.sqrt(variance + epsilon));
}

function matMul(a: Nd, b: Nd, transposeA: boolean, transposeB: boolean, shape: readonly number[]): Nd {
  const inner = transposeA ? a.shape.at(-2)! : a.shape.at(-1)!;
  return build(shape, (index) => {
    const batch = index.slice(0, -2);
    const [i, j] = index.slice(-2) as [number, number];
    let sum = 0;
    for (let k = 0; k < inner; k++) {
      sum +=
        broadcastAt(a, [...batch, ...(transposeA ? [k, i] : [i, k])]) *
        broadcastAt(b, [...batch, ...(transposeB ? [j, k] : [k, j])]);
    }
    return sum;
  });
}

type Pads = readonly [number, number, number, number];

/** Calls `visit` for every triple (input pixel, kernel element, output pixel) that a convolution multiplies and adds. */
function eachTap(
  output: readonly number[],
  kernel: readonly number[],
  input: readonly number[],
  strides: readonly [number, number],
  pads: Pads,
  visit: (y: number, x: number, i: number, j: number, oy: number, ox: number) => void,
): void {
  for (let oy = 0; oy < output[0]!; oy++)
    for (let ox = 0; ox < output[1]!; ox++)
      for (let i = 0; i < kernel[0]!; i++)
        for (let j = 0; j < kernel[1]!; j++) {
          const [y, x] = [oy * strides[0] + i - pads[0], ox * strides[1] + j - pads[1]];
          if (y >= 0 && y < input[0]! && x >= 0 && x < input[1]!) visit(y, x, i, j, oy, ox);
        }
}

interface Convolution {
  readonly x: Nd;
  readonly weight: Nd;
  readonly y: Nd;
  readonly strides: readonly [number, number];
  readonly pads: Pads;
}

/** x, weight and y of one convolution, one of which is to be filled from the other two: += product of the others. */
function convolve({ x, weight, y, strides, pads }: Convolution, into: "x" | "weight" | "y"): Nd {
  const [n, channels, height, width] = x.shape as [number, number, number, number];
  const [outs, , kernelHeight, kernelWidth] = weight.shape as [number, number, number, number];
  const [, , outHeight, outWidth] = y.shape as [number, number, number, number];
  eachTap(
    [outHeight, outWidth],
    [kernelHeight, kernelWidth],
    [height, width],
    strides,
    pads,
    (iy, ix, i, j, oy, ox) => {
      for (let b = 0; b < n; b++)
        for (let c = 0; c < channels; c++)
          for (let m = 0; m < outs; m++) {
            const px = ((b * channels + c) * height + iy) * width + ix;
            const pw = ((m * channels + c) * kernelHeight + i) * kernelWidth + j;
            const py = ((b * outs + m) * outHeight + oy) * outWidth + ox;
            if (into === "y") y.data[py]! += x.data[px]! * weight.data[pw]!;
            else if (into === "x") x.data[px]! += y.data[py]! * weight.data[pw]!;
            else weight.data[pw]! += x.data[px]! * y.data[py]!;
          }
    },
  );
  return into === "y" ? y : into === "x" ? x : weight;
}

const zeros = (shape: readonly number[]): Nd => ({ shape, data: new Float64Array(count(shape)) });

function attention([q, k, v]: readonly Nd[], { attributes: { heads, causal } }: NodeOf<"Attention">): Nd {
  const [batch, length, width] = q!.shape as [number, number, number];
  const [, seen, outWidth] = v!.shape as [number, number, number];
  const [d, e] = [width / heads, outWidth / heads];
  const out = new Float64Array(batch * length * outWidth);
  for (let b = 0; b < batch; b++)
    for (let h = 0; h < heads; h++)
      for (let i = 0; i < length; i++) {
        const scores = Float64Array.from({ length: seen }, (_, j) => {
          if (causal && j > i) return Number.NEGATIVE_INFINITY;
          let sum = 0;
          for (let c = h * d; c < (h + 1) * d; c++) sum += at(q!, b, i, c) * at(k!, b, j, c);
          return sum / Math.sqrt(d);
        });
        const weights = softmax(scores);
        for (let c = h * e; c < (h + 1) * e; c++)
          out[(b * length + i) * outWidth + c] = weights.reduce((sum, w, j) => sum + w * at(v!, b, j, c), 0);
      }
  return { shape: [batch, length, outWidth], data: out };
}

export const ops: { readonly [O in OpName]: Op<O> } = {
  Neg: unary((x) => -x),
  Exp: unary(Math.exp),
  Log: unary(Math.log),
  Sqrt: unary(Math.sqrt),
  Reciprocal: unary((x) => 1 / x),
  Abs: unary(Math.abs),
  Sin: unary(Math.sin),
  Cos: unary(Math.cos),
  Erf: unary(erf),
  Tanh: unary(Math.tanh),
  Sigmoid: unary(sigmoid),
  Relu: unary((x) => Math.max(0, x)),
  Step: unary((x) => (x > 0 ? 1 : 0)),
  Silu: unary((x) => x * sigmoid(x)),
  Gelu: unary((x) => 0.5 * x * (1 + erf(x / Math.SQRT2))),
  QuickGelu: unary((x) => x * sigmoid(1.702 * x)),
  Clip: (inputs, { attributes: { min, max } }) => unary((x) => Math.min(max, Math.max(min, x)))(inputs, {} as never),
  Affine: (inputs, { attributes: { scale, shift } }) => unary((x) => x * scale + shift)(inputs, {} as never),
  Add: binary((x, y) => x + y),
  Sub: binary((x, y) => x - y),
  Mul: binary((x, y) => x * y),
  Div: binary((x, y) => x / y),
  Maximum: binary(Math.max),
  Minimum: binary(Math.min),
  Reshape: (inputs, { output }) => ({ shape: output.shape, data: first(inputs).data }),
  Transpose: ([x], { attributes: { permutation }, output }) =>
    build(output.shape, (index) => at(x!, ...x!.shape.map((_, axis) => index[permutation.indexOf(axis)]!))),
  Concat: (inputs, { attributes: { axis }, output }) =>
    build(output.shape, (index) => {
      let i = index[axis]!;
      let source = 0;
      while (i >= inputs[source]!.shape[axis]!) i -= inputs[source++]!.shape[axis]!;
      return at(inputs[source]!, ...index.map((n, a) => (a === axis ? i : n)));
    }),
  Slice: ([x], { attributes: { axis, start }, output }) =>
    build(output.shape, (index) => at(x!, ...index.map((n, a) => (a === axis ? n + start : n)))),
  Pad: ([x], { attributes: { pads }, output }) =>
    build(output.shape, (index) => at(x!, ...index.map((n, axis) => n - pads[axis]!))),
  Expand: ([x], { output }) => build(output.shape, (index) => broadcastAt(x!, index)),
  ResizeNearest: ([x], { attributes: { height, width }, output }) =>
    build(output.shape, ([n, c, i, j]) =>
      at(x!, n!, c!, Math.floor((i! * x!.shape[2]!) / height), Math.floor((j! * x!.shape[3]!) / width)),
    ),
  Gather: ([table, indices], { output }) => {
    const width = count(table!.shape.slice(1));
    return build(output.shape, (_, flat) => {
      const row = indices!.data[Math.floor(flat / width)]!;
      return table!.data[row * width + (flat % width)]!;
    });
  },
  ReduceSum: ([x], { attributes: { axes }, output }) => reduced(x!, axes, output.shape, 1),
  ReduceMean: ([x], { attributes: { axes }, output }) =>
    reduced(x!, axes, output.shape, count(output.shape) / count(x!.shape)),
  Softmax: ([x]) => alongRuns(x!, x!.shape.at(-1)!, softmax),
  MatMul: ([a, b], { attributes: { transposeA, transposeB }, output }) =>
    matMul(a!, b!, transposeA, transposeB, output.shape),
  Linear: ([x, weight, bias], { output }) => {
    const product = matMul(x!, weight!, false, true, output.shape);
    return bias === undefined ? product : build(output.shape, (i, flat) => product.data[flat]! + broadcastAt(bias, i));
  },
  Conv: ([x, weight, bias], { attributes, output }) => {
    const start = build(output.shape, ([, m]) => bias?.data[m!] ?? 0);
    return convolve({ x: x!, weight: weight!, y: start, ...attributes }, "y");
  },
  ConvInputGradient: ([dy, weight], { attributes, output }) =>
    convolve({ x: zeros(output.shape), weight: weight!, y: dy!, ...attributes }, "x"),
  ConvWeightGradient: ([x, dy], { attributes, output }) =>
    convolve({ x: x!, weight: zeros(output.shape), y: dy!, ...attributes }, "weight"),
  GroupNorm: ([x, scale, shift], { attributes: { groups, epsilon } }) => {
    const [n, channels] = x!.shape as [number, number];
    const normed = alongRuns(x!, count(x!.shape) / (n * groups), (run) => normalise(run, epsilon));
    const area = count(x!.shape) / (n * channels);
    return build(x!.shape, (_, flat) => {
      const channel = Math.floor(flat / area) % channels;
      return normed.data[flat]! * scale!.data[channel]! + shift!.data[channel]!;
    });
  },
  LayerNorm: ([x, scale, shift], { attributes: { epsilon } }) => {
    const normed = alongRuns(x!, x!.shape.at(-1)!, (run) => normalise(run, epsilon));
    return build(x!.shape, (i, flat) => normed.data[flat]! * broadcastAt(scale!, i) + broadcastAt(shift!, i));
  },
  Attention: attention,
};

/** One node, and the shape that core's rule says it has. */
export function compute(node: NodeOf<OpName>, inputs: readonly Nd[]): Nd {
  const result = (ops[node.op] as Op<OpName>)(inputs, node);
  const types = node.inputs.filter((input) => input !== undefined);
  const expected = outputType(node.op, types, node.attributes as never).shape;
  if (result.shape.join() !== expected.join())
    throw new RangeError(`${node.op} made [${result.shape}], not [${expected}]`);
  return result;
}
