import { type Graph, GraphBuilder } from "@fewstep/core";
import { describe, expect, it } from "vitest";
import { ortRunner } from "../node/ort-runner.js";
import { randomStream } from "../optim/random-stream.js";
import { mergeDuplicates } from "./merge-duplicates.js";
import type { Tensors } from "./program.js";
import { stageReductions } from "./stage-reductions.js";

const SHAPE = [3, 4, 5, 6];
const feeds: Tensors = { x: { dtype: "f32", shape: SHAPE, data: randomStream(1, "x", 0).normals(360) } };

async function outputsOf(graph: Graph): Promise<Readonly<Record<string, readonly number[]>>> {
  const runner = ortRunner({ threads: 1 });
  const answers = await runner.run({ name: graph.name, graph, residents: new Set(), updates: new Map() }, feeds);
  await runner.dispose();
  return Object.fromEntries(
    Object.entries(answers).map(([name, { data }]) => [name, Array.from(data as Float32Array)]),
  );
}

describe("merging duplicates", () => {
  const b = new GraphBuilder("twice");
  const x = b.input("x", SHAPE);
  const half = () => b.op("Affine", [x], { scale: 0.5, shift: 0 });
  const shifted = (y: ReturnType<typeof half>, by: number) => b.op("Add", [y, b.scalar(by)]);
  const graph = b.finish([
    { name: "first", value: shifted(half(), 1) },
    { name: "same", value: shifted(half(), 1) },
    { name: "other", value: shifted(half(), 2) },
    { name: "third", value: b.op("Affine", [x], { scale: 0.25, shift: 0 }) },
  ]);
  it("leaves each node once and changes no output", async () => {
    const merged = mergeDuplicates(graph);
    expect(graph.nodes.length).toBe(7);
    expect(merged.nodes.length).toBe(4);
    expect(await outputsOf(merged)).toEqual(await outputsOf(graph));
  });
});

describe("staging reductions", () => {
  const reductions = [
    { op: "ReduceSum", axes: [0, 2, 3], keepDims: false, nodes: 2 },
    { op: "ReduceSum", axes: [0, 2, 3], keepDims: true, nodes: 2 },
    { op: "ReduceMean", axes: [0, 3], keepDims: false, nodes: 2 },
    { op: "ReduceMean", axes: [1, 3], keepDims: true, nodes: 2 },
    { op: "ReduceSum", axes: [2, 3], keepDims: false, nodes: 1 },
    { op: "ReduceSum", axes: [0], keepDims: false, nodes: 1 },
    { op: "ReduceMean", axes: [0, 1, 2, 3], keepDims: false, nodes: 1 },
  ] as const;
  it.each(reductions)("keeps $op over $axes, kept axes: $keepDims", async ({ op, axes, keepDims, nodes }) => {
    const b = new GraphBuilder("reduce");
    const value = b.op(op, [b.input("x", SHAPE)], { axes, keepDims });
    const graph = b.finish([{ name: "y", value }]);
    const staged = stageReductions(graph);
    expect(staged.nodes.length).toBe(nodes);
    const [{ y }, { y: expected }] = [await outputsOf(staged), await outputsOf(graph)];
    y!.forEach((x, i) => {
      expect(x).toBeCloseTo(expected![i]!, 4);
    });
  });
});
