// The differentiation pass on whole networks: against finite differences, and what it must not compute.
import { type Graph, GraphBuilder, type OpName } from "@fewstep/core";
import { describe, expect, it } from "vitest";
import { finiteDifferences } from "../interpreter/finite-differences.test.fixture.js";
import { interpret } from "../interpreter/interpret.test.fixture.js";
import { nd } from "../interpreter/nd.test.fixture.js";
import { withLora } from "../lora.js";
import { addGradients, gradientName } from "./add-gradients.js";
import { drawFeeds, smallUnet, withLoss } from "./small-unet.test.fixture.js";

const count = (graph: Graph, op: OpName): number => graph.nodes.filter((node) => node.op === op).length;
const SCALAR = { axes: [0], keepDims: false };

/** loss = sum(f(x)) of a vector input x. */
function vectorGraph(f: (b: GraphBuilder, x: ReturnType<GraphBuilder["input"]>) => ReturnType<GraphBuilder["input"]>) {
  const b = new GraphBuilder("vector");
  const value = f(b, b.input("x", [3]));
  return b.finish([{ name: "loss", value: b.op("ReduceSum", [value], SCALAR) }]);
}
const X = new Map([["x", nd([3], [1, -2, 0.5])]]);
const gradientOf = (graph: Graph) => [...interpret(addGradients(graph, "loss", ["x"]), X).get("grad:x")!.data];

describe("addGradients", () => {
  it("adds up what several uses of a value contribute", () => {
    const graph = vectorGraph((b, x) => b.op("Add", [b.op("Mul", [x, x]), b.op("Mul", [b.op("Add", [x, x]), x])]));
    expect(gradientOf(graph)).toEqual([6, -12, 3]);
  });

  it("keeps the graph's outputs and makes zeros where the loss does not reach", () => {
    const b = new GraphBuilder("two");
    const [x, unused] = [b.input("x", [3]), b.input("unused", [2, 2])];
    const y = b.op("Exp", [unused]);
    const loss = b.op("ReduceSum", [x], SCALAR);
    const graph = addGradients(
      b.finish([
        { name: "loss", value: loss },
        { name: "y", value: y },
      ]),
      "loss",
      ["x", "unused"],
    );
    expect(graph.outputs.map(({ name }) => name)).toEqual(["loss", "y", "grad:x", "grad:unused"]);
    const feeds = new Map([...X, ["unused", nd([2, 2], [1, 2, 3, 4])] as const]);
    expect([...interpret(graph, feeds).get("grad:unused")!.data]).toEqual([0, 0, 0, 0]);
  });

  it("agrees with finite differences on every weight and input of a whole UNet", () => {
    const graph = withLoss(smallUnet());
    const feeds = drawFeeds(graph);
    const ids = [...feeds.keys()];
    const gradients = interpret(addGradients(graph, "loss", ids), feeds);
    const random = (n: number, i: number) => (i * 7919) % n;
    for (const [i, id] of ids.entries()) {
      const { data } = gradients.get(gradientName(id))!;
      const index = random(data.length, i);
      const [expected] = finiteDifferences(graph, "loss", feeds, id, [index]);
      const size = Math.max(
        1e-3,
        data.reduce((a, g) => Math.max(a, Math.abs(g)), 0),
      );
      expect(Math.abs(data[index]! - expected!) / size, id).toBeLessThan(1e-7);
    }
  });

  it("computes no gradient of the base's weights for a LoRA, and nothing before the first adapted layer", () => {
    const wanted = (module: string) => /^up_blocks.*(conv1|to_q)$/.test(module);
    const graph = withLoss(withLora(smallUnet(), { rank: 2, alpha: 1, wanted }));
    const factors = graph.weights.map(({ id }) => id).filter((id) => id.includes(".lora_"));
    const modules = factors.length / 2;
    const added = addGradients(graph, "loss", factors);
    const convolutions = factors.filter((id) => id.endsWith("conv1.lora_down.weight")).length;
    expect(convolutions).toBe(4);
    expect(modules).toBe(8);
    expect(count(added, "ConvWeightGradient")).toBe(2 * convolutions);
    // the gradient of a linear layer's weight is the one product whose first factor is transposed and whose result is a matrix
    const linear = added.nodes.filter(
      (node) => node.op === "MatMul" && node.attributes.transposeA && node.output.shape.length === 2,
    );
    expect(linear.length).toBe(2 * (modules - convolutions));

    const last = addGradients(graph, "loss", ["conv_out.weight"]);
    expect(count(last, "ConvInputGradient")).toBe(0);
    expect(count(last, "ConvWeightGradient")).toBe(1);
  });

  it("can be applied to its own result, with ids that differ", () => {
    const graph = vectorGraph((b, x) => b.op("Mul", [x, b.op("Mul", [x, x])]));
    const first = addGradients(graph, "loss", ["x"]);
    const b = new GraphBuilder("second");
    const gradient = b.include(first, new Map(), "first:").get("grad:x")!;
    const again = addGradients(
      b.finish([{ name: "loss", value: b.op("ReduceSum", [b.op("Mul", [gradient, gradient])], SCALAR) }]),
      "loss",
      ["x"],
    );
    // d (3 x^2)^2 / dx = 36 x^3
    expect([...interpret(again, X).get("grad:x")!.data]).toEqual([36, -288, 4.5]);
    // once more on a graph that holds the nodes of an earlier pass
    const renamed = first.outputs.map(({ name, value }) => ({ name: name === "grad:x" ? "slope" : name, value }));
    const twice = addGradients({ ...first, outputs: renamed }, "loss", ["x"]);
    const ids = twice.nodes.map(({ output }) => output.id);
    expect(new Set(ids).size).toBe(ids.length);
    expect([...interpret(twice, X).get("grad:x")!.data]).toEqual([3, 12, 0.75]);
  });

  it.each([
    [
      "gradient-loss",
      () =>
        addGradients(
          vectorGraph((_, x) => x),
          "lost",
          ["x"],
        ),
    ],
    [
      "gradient-loss",
      () => {
        const b = new GraphBuilder("wide");
        return addGradients(b.finish([{ name: "loss", value: b.input("x", [2]) }]), "loss", ["x"]);
      },
    ],
    [
      "gradient-unknown",
      () =>
        addGradients(
          vectorGraph((_, x) => x),
          "loss",
          ["y"],
        ),
    ],
    [
      "gradient-unknown",
      () =>
        addGradients(
          addGradients(
            vectorGraph((_, x) => x),
            "loss",
            ["x"],
          ),
          "loss",
          ["x"],
        ),
    ],
    [
      "gradient-resize",
      () => {
        const b = new GraphBuilder("resize");
        const y = b.op("ResizeNearest", [b.input("x", [1, 1, 3, 2])], { height: 5, width: 4 });
        const value = b.op("ReduceSum", [y], { axes: [0, 1, 2, 3], keepDims: false });
        return addGradients(b.finish([{ name: "loss", value }]), "loss", ["x"]);
      },
    ],
    [
      "gradient-gather",
      () => {
        const b = new GraphBuilder("gather");
        const rows = b.op("Gather", [b.input("x", [4, 2]), b.input("rows", [3], "i64")]);
        const value = b.op("ReduceSum", [rows], { axes: [0, 1], keepDims: false });
        return addGradients(b.finish([{ name: "loss", value }]), "loss", ["x"]);
      },
    ],
  ])("refuses with %s", (code, act) => {
    expect(act).toThrow(expect.objectContaining({ code }));
  });
});
