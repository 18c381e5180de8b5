// What ONNX Runtime computes for every op and its gradients, against the interpreter: core's lowering of the ops that gradients are made of.
import { CPU, type OpName, PORTABLE } from "@fewstep/core";
import { describe, expect, it } from "vitest";
import { interpret } from "../interpreter/interpret.test.fixture.js";
import { addGradients } from "./add-gradients.js";
import { type GradientCase, gradientCases } from "./gradient-cases.test.fixture.js";
import { opGraph } from "./op-graph.test.fixture.js";
import { runOnOrt } from "./run-on-ort.test.fixture.js";

/** Of the largest element, and at least of 1: some forty roundings of single precision. */
const BOUND = 5e-6;

const CASES = (Object.keys(gradientCases) as OpName[]).flatMap((op) =>
  (gradientCases[op] as readonly GradientCase<OpName>[]).map((one, i) => ({ op, one, seed: i + 1 })),
);

describe.each([CPU, PORTABLE])("in the dialect $name", (dialect) => {
  it.each(CASES)("$op, case $seed: $one", async ({ op, one, seed }) => {
    const { graph, feeds } = opGraph(op, one, seed);
    const differentiated = addGradients(graph, "loss", [...feeds.keys()]);
    const expected = interpret(differentiated, feeds);
    for (const [name, actual] of await runOnOrt(differentiated, feeds, dialect)) {
      const { data } = expected.get(name)!;
      const size = data.reduce((a, v) => Math.max(a, Math.abs(v)), 1);
      const worst = data.reduce((a, v, i) => Math.max(a, Math.abs(v - actual[i]!)), 0) / size;
      expect(actual.length, name).toBe(data.length);
      expect(worst, name).toBeLessThan(BOUND);
    }
  });
});
