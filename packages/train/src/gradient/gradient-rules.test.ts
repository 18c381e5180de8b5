// Every gradient rule against finite differences in doubles, and the rules of those gradients' own ops by taking gradients twice.
import { type Graph, GraphBuilder, type OpName } from "@fewstep/core";
import { describe, expect, it } from "vitest";
import { finiteDifferences } from "../interpreter/finite-differences.test.fixture.js";
import { interpret } from "../interpreter/interpret.test.fixture.js";
import type { Nd } from "../interpreter/nd.test.fixture.js";
import { addGradients, gradientName } from "./add-gradients.js";
import { type GradientCase, gradientCases } from "./gradient-cases.test.fixture.js";
import { opGraph } from "./op-graph.test.fixture.js";

const SAMPLED = 12;
const BOUND = 1e-8;

/** Evenly spread element numbers, all of them in a small array. */
const sampled = (length: number): readonly number[] =>
  length <= SAMPLED
    ? [...Array(length).keys()]
    : Array.from({ length: SAMPLED }, (_, i) => Math.floor((i * length) / SAMPLED));

/** Largest difference from finite differences, relative to the larger of 1 and the gradient's largest element. */
function worstDifference(graph: Graph, feeds: ReadonlyMap<string, Nd>, ids: readonly string[]): number {
  const outputs = interpret(addGradients(graph, "loss", ids), feeds);
  const differences = ids.map((id) => {
    const gradient = outputs.get(gradientName(id))!.data;
    const indices = sampled(gradient.length);
    const expected = finiteDifferences(graph, "loss", feeds, id, indices);
    const size = gradient.reduce((a, g) => Math.max(a, Math.abs(g)), 1);
    return Math.max(...indices.map((index, i) => Math.abs(gradient[index]! - expected[i]!) / size));
  });
  return Math.max(...differences);
}

/** loss = the sum of sin(3 g) over the gradients: no symmetry that could hide a wrong second derivative. */
function lossOfGradients(graph: Graph, ids: readonly string[]): Graph {
  const b = new GraphBuilder(graph.name);
  const outputs = b.include(addGradients(graph, "loss", ids), new Map(), "first:");
  const losses = ids.map((id) => {
    const gradient = outputs.get(gradientName(id))!;
    const wave = b.op("Sin", [b.op("Affine", [gradient], { scale: 3, shift: 0.2 })]);
    const axes = wave.shape.map((_, i) => i);
    return axes.length === 0 ? wave : b.op("ReduceSum", [wave], { axes, keepDims: false });
  });
  return b.finish([{ name: "loss", value: losses.reduce((x, y) => b.op("Add", [x, y])) }]);
}

const OPS = Object.keys(gradientCases) as OpName[];
const CASES = OPS.flatMap((op) =>
  (gradientCases[op] as readonly GradientCase<OpName>[]).map((one, i) => ({ op, one, seed: i + 1 })),
);

describe.each(CASES)("$op, case $seed: $one", ({ op, one, seed }) => {
  const { graph, feeds } = opGraph(op, one, seed);
  const ids = [...feeds.keys()];

  it("has the gradient that finite differences have", () => {
    expect(worstDifference(graph, feeds, ids)).toBeLessThan(BOUND);
  });

  it("has that gradient's gradient too", () => {
    expect(worstDifference(lossOfGradients(graph, ids), feeds, ids)).toBeLessThan(BOUND);
  });
});
