// OFT, BOFT, GLoRA and (IA)^3 against LyCORIS' own merges and ComfyUI's meaning of strength: test/lycoris/make_vectors.py. Folded, and as
// branches of a graph of one layer.
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, it } from "vitest";
import { openFile } from "../../files/open-file.js";
import type { Tensor } from "../../tensor/tensor.js";
import type { PlacedDelta } from "../../weights/adapters/adapter.js";
import { varied } from "../../weights/adapters/adapter-file.test.fixture.js";
import { deltaFits } from "../../weights/adapters/delta-size.js";
import { parseAdapter } from "../../weights/adapters/parse.js";
import { readTensor } from "../../weights/read-tensor.js";
import { openSafetensors } from "../../weights/safetensors.js";
import { overlay, stripPrefix } from "../../weights/views.js";
import { type Weights, weightsOf } from "../../weights/weights.js";
import { GraphBuilder } from "../builder.js";
import type { Graph } from "../graph.js";
import { withAdapterBranches } from "./adapter-branches.js";
import { foldAdapters } from "./adapter-fold.js";
import { type NetworkAdapter, strengthInput } from "./adapter-parts.js";
import { GraphBench } from "./run-graph.test.fixture.js";

const path = fileURLToPath(new URL("../../../../../test/lycoris/vectors.safetensors", import.meta.url));
const { weights } = await openSafetensors(await openFile(path));
const names = [...new Set([...weights.names].map((name) => name.split("/")[0]!))];
const bench = new GraphBench();
afterAll(() => bench.dispose());

const STRENGTHS = [1, 0.6, -0.5];
/** Of the largest value of the weight. */
const BOUND = 1e-6;
/** Where 1 - Q has a condition of hundreds, single precision ends sooner. */
const STEEP: Readonly<Record<string, number>> = {
  "oft nearly half a turn": 2e-5,
  "oft within 0.2 degrees of half a turn": 5e-4,
};

async function caseOf(name: string) {
  const own = stripPrefix(weights, `${name}/`);
  const weight = own.get("weight")!;
  const adapter = await parseAdapter(name, { weights: stripPrefix(own, "adapter/"), metadata: new Map() });
  expect(adapter.unclaimed).toEqual([]);
  const deltas = adapter.targets
    .filter(({ parameter }) => parameter === "weight")
    .map(({ delta }): PlacedDelta => {
      expect(deltaFits(delta, weight.shape)).toBe(true);
      return { module: "layer", parameter: "weight", delta, transposed: false };
    });
  const base = weightsOf([["layer.weight", weight]]);
  return { own, base, shape: weight.shape, adapter: { id: "one", deltas } satisfies NetworkAdapter };
}

const folded = (base: Weights, adapter: NetworkAdapter, strength: number): Promise<Weights> =>
  foldAdapters(base, [{ ...adapter, strength }], {
    compute: (graph, all, feeds) => bench.run(graph, all, feeds),
    sink: bench.sink(),
  });

function network(shape: readonly number[]): { graph: Graph; x: Tensor } {
  const b = new GraphBuilder("layer");
  const [, width, ...kernel] = shape as [number, number, ...number[]];
  const input = kernel.length > 0 ? [1, width, 5, 5] : [3, width];
  const x = b.input("x", input);
  const y = b.module("layer", () => {
    const weight = b.weight("weight", shape);
    return kernel.length > 0
      ? b.op("Conv", [x, weight, undefined], { strides: [1, 1], pads: [1, 1, 1, 1] })
      : b.op("Linear", [x, weight, undefined]);
  });
  const data = Float32Array.from({ length: input.reduce((a, c) => a * c, 1) }, (_, i) => varied(i));
  return { graph: b.finish([{ name: "y", value: y }]), x: { dtype: "f32", shape: input, data } };
}

const farthest = (one: Float32Array, other: Float32Array): number => {
  expect(one.length).toBe(other.length);
  return one.reduce((most, value, i) => Math.max(most, Math.abs(value - other[i]!)), 0);
};
const largest = (values: Float32Array): number => values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);

const table: string[] = [];
afterAll(() =>
  console.log(`largest differences from LyCORIS and ComfyUI, of the largest weight:\n${table.join("\n")}`),
);

describe.each(names)("%s", (name) => {
  it("merges as the library does, at any strength", async () => {
    const { own, base, adapter } = await caseOf(name);
    const before = await readTensor(base.get("layer.weight")!);
    const found: number[] = [];
    for (const strength of STRENGTHS) {
      const expected = await readTensor(own.get(`merged/${strength}`)!);
      const actual = await readTensor((await folded(base, adapter, strength)).get("layer.weight")!);
      found.push(farthest(actual, expected) / largest(expected));
      // the case says something: the adapter moves the weight by far more than the bound
      expect(farthest(expected, before) / largest(expected)).toBeGreaterThan(1e-3);
    }
    table.push(`${name.padEnd(40)} ${found.map((value) => value.toExponential(1)).join("  ")}`);
    expect(Math.max(...found)).toBeLessThan(STEEP[name] ?? BOUND);
  });

  it("does the same as a branch", async () => {
    const { base, adapter, shape } = await caseOf(name);
    const { graph, x } = network(shape);
    const branched = withAdapterBranches(graph, [adapter]);
    const strength = 0.6;
    const feeds = { x, [strengthInput("one")]: { dtype: "f32", shape: [], data: Float32Array.of(strength) } as const };
    const beside = await bench.run(branched.graph, overlay(base, branched.weights), feeds);
    const inside = await bench.run(graph, await folded(base, adapter, strength), { x });
    const [one, other] = [beside.y!.data as Float32Array, inside.y!.data as Float32Array];
    expect(farthest(one, other) / largest(other)).toBeLessThan(3e-6);
  });
});
