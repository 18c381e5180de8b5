// Guided cross-attention against the formula in double precision, and its neutral settings on a whole UNet.
import { afterAll, describe, expect, it } from "vitest";
import { type UnetConfig, unet } from "../../models/unet.js";
import type { Tensor } from "../../tensor/tensor.js";
import { type TensorSpec, varied } from "../../weights/adapters/adapter-file.test.fixture.js";
import { parseAdapter } from "../../weights/adapters/parse.js";
import { overlay } from "../../weights/views.js";
import { GraphBuilder } from "../builder.js";
import type { Graph } from "../graph.js";
import { withAdapterBranches } from "./adapter-branches.js";
import { strengthInput } from "./adapter-parts.js";
import { withNormalizedAttentionGuidance } from "./normalized-attention-guidance.js";
import { GraphBench } from "./run-graph.test.fixture.js";

const bench = new GraphBench();
afterAll(() => bench.dispose());

const f32 = (shape: readonly number[], value: (i: number) => number = varied): Tensor => ({
  dtype: "f32",
  shape,
  data: Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => value(i)),
});
const scalars = (scale: number, tau: number, alpha: number) => ({
  nag_scale: f32([], () => scale),
  nag_tau: f32([], () => tau),
  nag_alpha: f32([], () => alpha),
});
const numbers = (tensor: Tensor | undefined): number[] => Array.from(tensor!.data as Float32Array);
const largest = (a: readonly number[], b: readonly number[]): number =>
  a.reduce((most, value, i) => Math.max(most, Math.abs(value - b[i]!)), 0);

const [PIXELS, WIDTH, TOKENS] = [3, 4, 5];

/** One cross-attention of two heads: its output alone. */
function crossAttention(): Graph {
  const b = new GraphBuilder("test");
  const [x, context] = [b.input("x", [1, PIXELS, WIDTH]), b.input("context", [1, TOKENS, WIDTH])];
  const linear = (name: string, from: typeof x) =>
    b.module(name, () => b.op("Linear", [from, b.weight("weight", [WIDTH, WIDTH]), undefined]));
  const [q, k, v] = [linear("to_q", x), linear("to_k", context), linear("to_v", context)];
  return b.finish([{ name: "y", value: b.op("Attention", [q, k, v], { heads: 2, causal: false }) }]);
}

const WEIGHTS: Readonly<Record<string, TensorSpec>> = {
  "to_q.weight": [[WIDTH, WIDTH], (i) => varied(i + 3)],
  "to_k.weight": [[WIDTH, WIDTH], (i) => varied(i + 40)],
  "to_v.weight": [[WIDTH, WIDTH], (i) => varied(i + 80)],
};
const X = f32([1, PIXELS, WIDTH], (i) => 3 * varied(i + 7));
const POSITIVE = f32([1, TOKENS, WIDTH], (i) => 2 * varied(i + 11));
const NEGATIVE = f32([1, TOKENS, WIDTH], (i) => 2 * varied(i + 70));

/** The paper's equations on the two attentions' outputs. */
function formula(positive: readonly number[], negative: readonly number[], scale: number, tau: number, alpha: number) {
  const length = (row: readonly number[]) => row.reduce((sum, value) => sum + Math.abs(value), 0);
  return Array.from({ length: PIXELS }, (_, p) => {
    const row = positive.slice(p * WIDTH, (p + 1) * WIDTH);
    const pushed = row.map((value, i) => value + (scale - 1) * (value - negative[p * WIDTH + i]!));
    const ratio = length(pushed) / length(row);
    return row.map((value, i) => alpha * ((Math.min(ratio, tau) / ratio) * pushed[i]!) + (1 - alpha) * value);
  }).flat();
}

describe("withNormalizedAttentionGuidance", () => {
  it.each([
    [3, 2.5, 0.5],
    [11, 1.2, 0.25],
    [5, 1, 1],
  ])("is the paper's formula at scale %f, tau %f, alpha %f", async (scale, tau, alpha) => {
    const { weights } = await bench.file(WEIGHTS);
    const plain = crossAttention();
    const alone = async (context: Tensor) => numbers((await bench.run(plain, weights, { x: X, context })).y);
    const expected = formula(await alone(POSITIVE), await alone(NEGATIVE), scale, tau, alpha);
    const feeds = { x: X, context: POSITIVE, negative_context: NEGATIVE, ...scalars(scale, tau, alpha) };
    const made = numbers((await bench.run(withGuidedOutput(), weights, feeds)).y);
    expect(largest(made, expected)).toBeLessThan(1e-6);
    expect(largest(made, await alone(POSITIVE))).toBeGreaterThan(1e-2);
  });

  it("takes an adapter's part in the projections of both texts", async () => {
    const { weights } = await bench.file(WEIGHTS);
    const lora = await bench.file({
      "lora_unet_to_v.lora_down.weight": [[2, WIDTH], (i) => varied(i + 5)],
      "lora_unet_to_v.lora_up.weight": [[WIDTH, 2], (i) => varied(i + 9)],
    });
    const { targets } = await parseAdapter("lora", lora);
    const placed = targets.map(({ delta }) => ({
      module: "to_v",
      parameter: "weight" as const,
      delta,
      transposed: false,
    }));
    const withLora = (graph: Graph) => withAdapterBranches(graph, [{ id: "lora", deltas: placed }]);
    const strength = { [strengthInput("lora")]: f32([], () => 1) };
    const plain = withLora(crossAttention());
    const alone = async (context: Tensor) =>
      numbers((await bench.run(plain.graph, overlay(weights, plain.weights), { x: X, context, ...strength })).y);
    const expected = formula(await alone(POSITIVE), await alone(NEGATIVE), 3, 2.5, 0.5);
    const guided = withLora(withGuidedOutput());
    const feeds = { x: X, context: POSITIVE, negative_context: NEGATIVE, ...scalars(3, 2.5, 0.5), ...strength };
    const made = numbers((await bench.run(guided.graph, overlay(weights, guided.weights), feeds)).y);
    expect(largest(made, expected)).toBeLessThan(1e-6);
  });

  it("guides the cross-attentions of a UNet and nothing else", async () => {
    const graph = unet(UNET, { batch: 1, height: 4, width: 4, tokens: TOKENS });
    const guided = withNormalizedAttentionGuidance(graph);
    const attentions = (one: Graph) => one.nodes.filter(({ op }) => op === "Attention").length;
    expect([attentions(graph), attentions(guided)]).toEqual([6, 9]);
    const specs = graph.weights.map(({ id, shape }, n): [string, TensorSpec] => [
      id,
      [shape, (i) => varied(i + 101 * n)],
    ]);
    const { weights } = await bench.file(Object.fromEntries(specs));
    const feeds = { sample: f32([1, 4, 4, 4]), time_features: f32([1, 8]), context: f32([1, TOKENS, 6]) };
    const plain = numbers((await bench.run(graph, weights, feeds)).noise);
    const run = async (negative: Tensor, scale: number) => {
      const all = { ...feeds, negative_context: negative, ...scalars(scale, 2.5, 0.5) };
      return numbers((await bench.run(guided, weights, all)).noise);
    };
    const negative = f32([1, TOKENS, 6], (i) => varied(i + 400));
    expect(largest(await run(negative, 1), plain)).toBeLessThan(1e-5);
    expect(largest(await run(feeds.context, 4), plain)).toBeLessThan(1e-5);
    expect(largest(await run(negative, 4), plain)).toBeGreaterThan(1e-3);
  });

  it("refuses a graph without text", () => {
    const b = new GraphBuilder("test");
    const graph = b.finish([{ name: "y", value: b.op("Neg", [b.input("x", [1])]) }]);
    expect(() => withNormalizedAttentionGuidance(graph)).toThrow(RangeError);
  });
});

const UNET: UnetConfig = {
  inChannels: 4,
  outChannels: 4,
  down: [{ channels: 8, transformers: [1], resample: false }],
  mid: { resnets: 1, transformers: [] },
  up: [{ channels: 8, transformers: [1, 1], resample: false }],
  contextWidth: 6,
  attention: { heads: 2 },
  projection: "conv",
  timeWidth: 8,
  groups: 4,
};

/** The pass replaces what reads the attention: the output, read here by nothing, is passed on by a node. */
function withGuidedOutput(): Graph {
  const graph = crossAttention();
  const value = graph.outputs[0]!.value;
  const output = { ...value, id: "y" };
  return withNormalizedAttentionGuidance({
    ...graph,
    nodes: [...graph.nodes, { op: "Affine", inputs: [value], output, attributes: { scale: 1, shift: 0 } }],
    outputs: [{ name: "y", value: output }],
  });
}
