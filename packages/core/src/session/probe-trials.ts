// The small graphs that a device is tried with, and what it must answer. Sizes are such that blocked kernels have edges to get wrong.
import { GraphBuilder } from "../graph/builder.js";
import type { Graph, GraphOutput, Value } from "../graph/graph.js";
import { EARLY_ELEMENTS } from "../graph/onnx/compile.js";
import type { Dialect } from "../graph/onnx/dialect.js";
import { encodeHalf } from "../tensor/half.js";
import type { Tensor } from "../tensor/tensor.js";
import { type LazyTensor, type Weights, weightsOf } from "../weights/weights.js";
import { attention, convolution, gelu, linear, normalised, sigmoidUnit } from "./probe-oracles.js";

export interface ProbeTrial {
  readonly name: string;
  /** What the device's dialect gains if the answer is right; a trial that offers nothing must succeed. */
  readonly offers: Partial<Omit<Dialect, "name">>;
  readonly graph: Graph;
  readonly feeds: Readonly<Record<string, Tensor>>;
  /** By output. */
  readonly expected: Readonly<Record<string, Float32Array>>;
  readonly weights: Weights;
  /** Stored bytes of the weights, which lie in no file. */
  readonly stored: ReadonlyMap<string, Uint8Array>;
}

/** Numbers that look random, between -1 and 1, the same everywhere. */
function numbers(count: number, seed: number): Float32Array {
  let state = seed >>> 0;
  return Float32Array.from({ length: count }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 31 - 1;
  });
}

const none = { weights: weightsOf([]), stored: new Map<string, Uint8Array>() };
const f32 = (shape: readonly number[], data: Float32Array): Tensor => ({ dtype: "f32", shape, data });

/** What a picture cannot be made without and what has no other form. */
function essentials(): ProbeTrial {
  const [rows, width, outputs, channels, size, groups] = [19, 40, 33, 8, 9, 4];
  const builder = new GraphBuilder("probe");
  const expected: Record<string, Float32Array> = {};
  const named: GraphOutput[] = [];
  const answer = (name: string, value: Value, right: Float32Array) => {
    named.push({ name, value });
    expected[name] = right;
  };
  const constant = (shape: readonly number[], data: Float32Array) => builder.constant(shape, data);
  const [x, picture] = [numbers(rows * width, 1), numbers(channels * size * size, 2)];
  const tokens = builder.input("tokens", [1, rows, width]);
  const image = builder.input("image", [1, channels, size, size]);

  const [weight, bias] = [numbers(outputs * width, 3), numbers(outputs, 4)];
  const dense = [tokens, constant([outputs, width], weight), constant([outputs], bias)];
  answer("linear", builder.op("Linear", dense), linear(x, weight, bias, rows));
  const [kernel, shift] = [numbers(outputs * channels * 9, 5), numbers(outputs, 6)];
  const convolved = [image, constant([outputs, channels, 3, 3], kernel), constant([outputs], shift)];
  const conv = builder.op("Conv", convolved, { strides: [1, 1], pads: [1, 1, 1, 1] });
  answer("convolution", conv, convolution(picture, kernel, shift, size));
  const [scales, shifts] = [numbers(width, 7), numbers(width, 8)];
  const layer = [tokens, constant([width], scales), constant([width], shifts)];
  const byColumn = (i: number) => [scales[i % width]!, shifts[i % width]!] as const;
  answer("layer norm", builder.op("LayerNorm", layer, { epsilon: 1e-5 }), normalised(x, rows, 1e-5, byColumn));
  const group = [
    image,
    constant([channels], scales.slice(0, channels)),
    constant([channels], shifts.slice(0, channels)),
  ];
  const byChannel = (i: number) => [scales[Math.floor(i / size ** 2)]!, shifts[Math.floor(i / size ** 2)]!] as const;
  const grouped = builder.op("GroupNorm", group, { groups, epsilon: 1e-6 });
  answer("group norm", grouped, normalised(picture, groups, 1e-6, byChannel));
  answer("SiLU", builder.op("Silu", [tokens]), sigmoidUnit(x, 1));
  answer("quick GELU", builder.op("QuickGelu", [tokens]), sigmoidUnit(x, 1.702));
  answer("GELU", builder.op("Gelu", [tokens]), gelu(x));
  const explicit = builder.op("Attention", [tokens, tokens, tokens], { heads: 2, causal: false });
  answer("attention", explicit, attention(x, x, x, width, 2));
  const feeds = { tokens: f32([1, rows, width], x), image: f32([1, channels, size, size], picture) };
  return { name: "essential operations", offers: {}, graph: builder.finish(named), feeds, expected, ...none };
}

/** MultiHeadAttention: over itself, over a text, and with heads that fill whole blocks. */
function fusedAttention(): ProbeTrial {
  const builder = new GraphBuilder("probe");
  const feeds: Record<string, Tensor> = {};
  const expected: Record<string, Float32Array> = {};
  const shapes = [
    { name: "self", queries: 144, keys: 144, heads: 8, head: 40 },
    { name: "text", queries: 64, keys: 77, heads: 2, head: 64 },
    { name: "wide", queries: 36, keys: 36, heads: 1, head: 160 },
  ];
  const outputs = shapes.map(({ name, queries, keys, heads, head }, at) => {
    const width = heads * head;
    const tensors = [queries, keys, keys].map((length, i) => {
      const data = numbers(length * width, 11 + 3 * at + i);
      const id = `${name}.${i}`;
      feeds[id] = f32([1, length, width], data);
      return { data, value: builder.input(id, [1, length, width]) };
    });
    const [q, k, v] = tensors.map(({ data }) => data) as [Float32Array, Float32Array, Float32Array];
    expected[name] = attention(q, k, v, width, heads);
    const inputs = tensors.map(({ value }) => value);
    return { name, value: builder.op("Attention", inputs, { heads, causal: false }) };
  });
  const offers = { fusedAttention: true };
  return { name: "fused attention", offers, graph: builder.finish(outputs), feeds, expected, ...none };
}

/** Weights that stay in half precision on the device and are cast where they are needed. */
function lateHalves(): ProbeTrial {
  const [rows, width] = [5, 24];
  // smaller weights are cast early
  const outputs = Math.floor(EARLY_ELEMENTS / width) + 1;
  const builder = new GraphBuilder("probe");
  const x = numbers(rows * width, 31);
  // multiples of 1/64 are exact in half precision
  const values = numbers(outputs * width, 32).map((v) => Math.round(v * 64) / 64);
  const bias = new Float32Array(outputs);
  // a late cast is tied to the node before it
  const before = builder.op("Neg", [builder.input("x", [rows, width])]);
  const product = builder.op("Linear", [
    before,
    builder.weight("w", [outputs, width]),
    builder.constant([outputs], bias),
  ]);
  const bytes = new Uint8Array(encodeHalf(values, "f16").buffer);
  const file = { name: "probe", blob: new Blob([bytes]) };
  const tensor: LazyTensor = {
    name: "w",
    dtype: "f16",
    shape: [outputs, width],
    file,
    offset: 0,
    byteLength: bytes.length,
  };
  return {
    name: "late casts of half precision",
    offers: { lateCasts: { f16: "sum" } },
    graph: builder.finish([{ name: "product", value: product }]),
    feeds: { x: f32([rows, width], x) },
    expected: {
      product: linear(
        x.map((v) => -v),
        values,
        bias,
        rows,
      ),
    },
    weights: weightsOf([["w", tensor]]),
    stored: new Map([["w", bytes]]),
  };
}

export const probeTrials = (): readonly ProbeTrial[] => [essentials(), fusedAttention(), lateHalves()];
