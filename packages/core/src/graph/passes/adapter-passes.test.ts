// Both passes against plain loops in double precision, on a linear layer, a strided convolution and a norm.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Tensor } from "../../tensor/tensor.js";
import type { PlacedDelta } from "../../weights/adapters/adapter.js";
import { type TensorSpec, varied } from "../../weights/adapters/adapter-file.test.fixture.js";
import { parseAdapter } from "../../weights/adapters/parse.js";
import { readTensor } from "../../weights/read-tensor.js";
import { overlay } from "../../weights/views.js";
import type { Weights } from "../../weights/weights.js";
import { GraphBuilder } from "../builder.js";
import type { Graph } from "../graph.js";
import { withAdapterBranches } from "./adapter-branches.js";
import { foldAdapters } from "./adapter-fold.js";
import { type NetworkAdapter, strengthInput } from "./adapter-parts.js";
import { memorySink } from "./fold-sink.js";
import { GraphBench } from "./run-graph.test.fixture.js";

const [OUT, IN] = [4, 6];
type Matrix = readonly (readonly number[])[];

const matrix = (rows: number, columns: number, values: readonly number[]): Matrix =>
  Array.from({ length: rows }, (_, i) => values.slice(i * columns, (i + 1) * columns));
const times = (a: Matrix, b: Matrix): Matrix =>
  a.map((row) => b[0]!.map((_, j) => row.reduce((sum, value, k) => sum + value * b[k]![j]!, 0)));
const combine = (f: (x: number, y: number) => number, a: Matrix, b: Matrix): Matrix =>
  a.map((row, i) => row.map((x, j) => f(x, b[i]![j]!)));
const scaled = (by: number, a: Matrix): Matrix => a.map((row) => row.map((x) => by * x));
const plus = (a: Matrix, b: Matrix): Matrix => combine((x, y) => x + y, a, b);
const minus = (a: Matrix, b: Matrix): Matrix => combine((x, y) => x - y, a, b);

function network(): Graph {
  const b = new GraphBuilder("test");
  const x = b.input("x", [2, IN]);
  const picture = b.input("picture", [1, 2, 5, 5]);
  const y = b.module("linear", () => b.op("Linear", [x, b.weight("weight", [OUT, IN]), b.weight("bias", [OUT])]));
  const z = b.module("conv", () =>
    b.op("Conv", [picture, b.weight("weight", [3, 2, 3, 3]), b.weight("bias", [3])], {
      strides: [2, 2],
      pads: [1, 1, 1, 1],
    }),
  );
  return b.finish([
    { name: "y", value: b.op("Affine", [y], { scale: 2, shift: 0 }) },
    { name: "z", value: z },
  ]);
}

const FEEDS: Readonly<Record<string, Tensor>> = {
  x: { dtype: "f32", shape: [2, IN], data: Float32Array.from({ length: 2 * IN }, (_, i) => varied(i + 50)) },
  picture: { dtype: "f32", shape: [1, 2, 5, 5], data: Float32Array.from({ length: 50 }, (_, i) => varied(i + 90)) },
};

const bench = new GraphBench();
let base: Weights;

beforeAll(async () => {
  const file = await bench.file({
    "linear.weight": [[OUT, IN], (i) => varied(i + 7), "f16"],
    "linear.bias": [[OUT], (i) => varied(i + 20)],
    "conv.weight": [[3, 2, 3, 3], (i) => varied(i + 30)],
    "conv.bias": [[3], (i) => varied(i + 40)],
  });
  base = file.weights;
});
afterAll(() => bench.dispose());

async function adapter(id: string, tensors: Record<string, TensorSpec>): Promise<NetworkAdapter> {
  const { targets } = await parseAdapter(id, await bench.file(tensors));
  const deltas = targets.map(
    ({ module, parameter, delta }): PlacedDelta => ({ module, parameter, delta, transposed: false }),
  );
  return { id, deltas };
}

const scalars = (strengths: Readonly<Record<string, number>>): Record<string, Tensor> =>
  Object.fromEntries(
    Object.entries(strengths).map(([id, value]) => [
      strengthInput(id),
      { dtype: "f32", shape: [], data: Float32Array.of(value) },
    ]),
  );

const numbersOf = async (weights: Weights, name: string): Promise<readonly number[]> => [
  ...(await readTensor(weights.get(name)!)),
];

async function foldedWeights(adapters: readonly NetworkAdapter[], strengths: Readonly<Record<string, number>>) {
  return foldAdapters(
    base,
    adapters.map((one) => ({ ...one, strength: strengths[one.id]! })),
    { compute: (graph, weights, feeds) => bench.run(graph, weights, feeds), sink: bench.sink(), batchBytes: 100 },
  );
}

/** Runs the network both ways at each strength and answers the largest difference between the ways. */
async function disagreement(
  adapters: readonly NetworkAdapter[],
  strengths: Readonly<Record<string, number>>,
): Promise<number> {
  const graph = network();
  const branched = withAdapterBranches(graph, adapters);
  const beside = await bench.run(branched.graph, overlay(base, branched.weights), { ...FEEDS, ...scalars(strengths) });
  const inside = await bench.run(graph, await foldedWeights(adapters, strengths), FEEDS);
  const all = (outputs: Readonly<Record<string, Tensor>>) =>
    Object.keys(inside).flatMap((name) => [...(outputs[name]!.data as Float32Array)]);
  const other = all(inside);
  return Math.max(...all(beside).map((value, i) => Math.abs(value - other[i]!)));
}

/** A tensor of 2 axes in a test file and as the doubles that a float32 file gives back. */
const given = (rows: number, columns: number, seed: number): readonly [TensorSpec, Matrix] => {
  const at = (i: number) => Math.fround(varied(i + seed));
  return [
    [[rows, columns], at],
    matrix(
      rows,
      columns,
      Array.from({ length: rows * columns }, (_, i) => at(i)),
    ),
  ];
};

const [a, A] = given(OUT, 2, 100);
const [b, B] = given(2, IN, 200);
const [c, C] = given(OUT, 2, 300);
const [d, D] = given(2, IN, 400);
const [whole, WHOLE] = given(OUT, IN, 500);
const [small, SMALL] = given(2, 3, 600);
const [tiny, TINY] = given(2, 2, 700);
const [rows, ROWS] = given(OUT, 1, 800);
const [columns, COLUMNS] = given(1, IN, 900);
const alpha = (value: number): TensorSpec => [[], [value]];
const LORA = { "linear.lora_up.weight": a, "linear.lora_down.weight": b, "linear.alpha": alpha(1) };

const length = (values: readonly number[]): number => Math.hypot(...values);
const column = (m: Matrix, j: number): readonly number[] => m.map((row) => row[j]!);
const kron = (p: Matrix, q: Matrix): Matrix =>
  p.flatMap((left) => q.map((right) => left.flatMap((x) => right.map((y) => x * y))));

/** What each adapter adds to `linear.weight` W at strength s. */
const CASES: readonly (readonly [
  name: string,
  tensors: Record<string, TensorSpec>,
  added: (W: Matrix, s: number) => Matrix,
])[] = [
  ["lora", LORA, (_, s) => scaled(s / 2, times(A, B))],
  [
    "loha",
    {
      "linear.hada_w1_a": a,
      "linear.hada_w1_b": b,
      "linear.hada_w2_a": c,
      "linear.hada_w2_b": d,
      "linear.alpha": alpha(1),
    },
    (_, s) =>
      scaled(
        s / 2,
        combine((x, y) => x * y, times(A, B), times(C, D)),
      ),
  ],
  [
    "lokr, whole",
    { "linear.lokr_w1": tiny, "linear.lokr_w2": small, "linear.alpha": alpha(9) },
    (_, s) => scaled(s, kron(TINY, SMALL)),
  ],
  ["diff", { "linear.diff": whole }, (_, s) => scaled(s, WHOLE)],
  ["set", { "linear.set_weight": whole }, (W, s) => scaled(s, minus(WHOLE, W))],
  [
    "dora on rows",
    { ...LORA, "linear.dora_scale": rows },
    (W, s) => {
      const M = plus(W, scaled(1 / 2, times(A, B)));
      const R = M.map((row, i) => row.map((x) => (x * ROWS[i]![0]!) / length(row)));
      return scaled(s, minus(R, W));
    },
  ],
  [
    "dora on columns",
    { ...LORA, "linear.dora_scale": columns },
    (W, s) => {
      const M = plus(W, scaled(1 / 2, times(A, B)));
      const R = M.map((row) => row.map((x, j) => (x * COLUMNS[0]![j]!) / length(column(M, j))));
      return scaled(s, minus(R, W));
    },
  ],
];

describe.each(CASES)("%s", (_, tensors, added) => {
  it.each([1, 0.6, -0.5])("folds as the formula says at strength %d", async (s) => {
    const W = matrix(OUT, IN, await numbersOf(base, "linear.weight"));
    const folded = await foldedWeights([await adapter("one", tensors)], { one: s });
    const expected = plus(W, added(W, s)).flat();
    const actual = await numbersOf(folded, "linear.weight");
    const largest = Math.max(...expected.map(Math.abs));
    expect(Math.max(...actual.map((value, i) => Math.abs(value - expected[i]!))) / largest).toBeLessThan(5e-7);
  });

  it("does the same as branches", async () => {
    expect(await disagreement([await adapter("one", tensors)], { one: 0.7 })).toBeLessThan(2e-6);
  });
});

describe("both passes", () => {
  it("agree on strided convolutions, with and without a middle, and on biases", async () => {
    const locon = await adapter("locon", {
      "conv.lora_down.weight": [[2, 2, 3, 3]],
      "conv.lora_up.weight": [[3, 2, 1, 1]],
      "conv.diff_b": [[3]],
    });
    const middle = await adapter("middle", {
      "conv.lora_down.weight": [[2, 2, 1, 1]],
      "conv.lora_mid.weight": [[2, 2, 3, 3]],
      "conv.lora_up.weight": [[3, 2, 1, 1]],
    });
    expect(await disagreement([locon, middle], { locon: 0.8, middle: -1.5 })).toBeLessThan(2e-6);
  });

  it("agree on several adapters of one layer, each against the base weight", async () => {
    const adapters = await Promise.all(CASES.map(([name, tensors]) => adapter(name, tensors)));
    const strengths = Object.fromEntries(CASES.map(([name], i) => [name, 0.3 + i / 10]));
    expect(await disagreement(adapters, strengths)).toBeLessThan(5e-6);
  });

  it("turn what is for a weight stored as [in, out]", async () => {
    const builder = new GraphBuilder("turned");
    const x = builder.input("x", [2, IN]);
    const weight = builder.weight("linear.weight", [IN, OUT]);
    const y = builder.op("MatMul", [x, weight], { transposeA: false, transposeB: false });
    const graph = builder.finish([{ name: "y", value: y }]);
    const { deltas } = await adapter("one", LORA);
    const one: NetworkAdapter = { id: "one", deltas: deltas.map((delta) => ({ ...delta, transposed: true })) };
    const file = await bench.file({ "linear.weight": [[IN, OUT], () => 0] });
    const branched = withAdapterBranches(graph, [one]);
    const outputs = await bench.run(branched.graph, overlay(file.weights, branched.weights), {
      x: FEEDS.x!,
      ...scalars({ one: 1 }),
    });
    const X = matrix(2, IN, [...(FEEDS.x!.data as Float32Array)]);
    const delta = scaled(1 / 2, times(A, B));
    const expected = X.flatMap((row) => delta.map((weights) => weights.reduce((sum, w, j) => sum + w * row[j]!, 0)));
    const actual = [...(outputs.y!.data as Float32Array)];
    expect(Math.max(...actual.map((value, i) => Math.abs(value - expected[i]!)))).toBeLessThan(1e-6);
  });
});

describe("withAdapterBranches", () => {
  it("leaves a graph without adapters as it is", () => {
    const graph = network();
    const { graph: same, outside } = withAdapterBranches(graph, []);
    expect(same.nodes).toEqual(graph.nodes);
    expect([same.inputs, same.weights, outside]).toEqual([graph.inputs, graph.weights, []]);
  });

  it("changes nothing at strength 0, and follows strength without another load", async () => {
    const graph = network();
    const bare = await bench.run(graph, base, FEEDS);
    const branched = withAdapterBranches(graph, [await adapter("one", LORA)]);
    const at = async (strength: number) =>
      (await bench.run(branched.graph, overlay(base, branched.weights), { ...FEEDS, ...scalars({ one: strength }) })).y!
        .data;
    expect(await at(0)).toEqual(bare.y!.data);
    expect(await at(1)).not.toEqual(bare.y!.data);
  });

  it("multiplies by the block's factor", async () => {
    const one = await adapter("one", LORA);
    const graph = network();
    const run = async (adapters: readonly NetworkAdapter[], strength: number) => {
      const branched = withAdapterBranches(graph, adapters);
      const feeds = { ...FEEDS, ...scalars({ one: strength }) };
      return (await bench.run(branched.graph, overlay(base, branched.weights), feeds)).y!.data;
    };
    expect(await run([{ ...one, factor: () => 0.5 }], 1)).toEqual(await run([one], 0.5));
  });

  it("refuses one adapter twice", async () => {
    const one = await adapter("one", LORA);
    expect(() => withAdapterBranches(network(), [one, one])).toThrow(
      expect.objectContaining({ code: "adapter-twice" }),
    );
  });

  it("names what it has no place for", async () => {
    const one = await adapter("one", { ...LORA, "elsewhere.diff": [[2, 2]] });
    expect(withAdapterBranches(network(), [one]).outside).toEqual(["elsewhere.weight"]);
  });
});

describe("foldAdapters", () => {
  const compute = (graph: Graph, weights: Weights, feeds: Readonly<Record<string, Tensor>>) =>
    bench.run(graph, weights, feeds);

  it("writes only what an adapter touches", async () => {
    const folded = await foldedWeights([await adapter("one", LORA)], { one: 1 });
    expect(folded.get("linear.weight")!.byteLength).toBe(4 * OUT * IN);
    expect(folded.get("conv.weight")).toBe(base.get("conv.weight"));
  });

  it("leaves out adapters of strength 0", async () => {
    const folded = await foldedWeights([await adapter("one", LORA)], { one: 0 });
    expect(folded.get("linear.weight")).toBe(base.get("linear.weight"));
  });

  it("works in memory", async () => {
    const one = { ...(await adapter("one", { "linear.diff": whole })), strength: 1 };
    const folded = await foldAdapters(base, [one], { compute, sink: memorySink() });
    const W = await numbersOf(base, "linear.weight");
    expect(await numbersOf(folded, "linear.weight")).toEqual(W.map((w, i) => Math.fround(w + WHOLE.flat()[i]!)));
  });

  it("refuses a result that is not finite, and gives up what it wrote", async () => {
    const one = { ...(await adapter("one", { "linear.diff": [[OUT, IN], () => 3e38] })), strength: 2 };
    const sink = memorySink();
    const discarded: string[] = [];
    const watched = { ...sink, discard: async () => void discarded.push("discarded") };
    await expect(foldAdapters(base, [one], { compute, sink: watched })).rejects.toMatchObject({
      code: "folded-not-finite",
      kind: "failed",
    });
    expect(discarded).toEqual(["discarded"]);
  });
});
