import { GraphBuilder } from "@fewstep/core";
import { describe, expect, it } from "vitest";
import { programCost } from "./program-cost.js";

const costOf = (build: (b: GraphBuilder) => ReturnType<GraphBuilder["op"]>) => {
  const b = new GraphBuilder("cost");
  const graph = b.finish([{ name: "y", value: build(b) }]);
  return programCost({ name: "cost", graph, residents: new Set(), updates: new Map() });
};

describe("a program's cost", () => {
  it("counts what is alive together, not all that ever was", () => {
    const chain = costOf((b) => {
      let x = b.input("x", [1000]);
      for (let i = 0; i < 10; i++) x = b.op("Exp", [x]);
      return x;
    });
    // the input stays; of the chain one value is read while the next is written
    expect(chain.peakBytes).toBe(4 * 1000 * 3);
    const kept = costOf((b) => {
      const x = b.input("x", [1000]);
      const all = Array.from({ length: 10 }, () => b.op("Exp", [x]));
      return b.op("Concat", all, { axis: 0 });
    });
    expect(kept.peakBytes).toBe(4 * 1000 * (1 + 10 + 10));
  });
  it("counts the multiplications of products", () => {
    const linear = costOf((b) => b.op("Linear", [b.input("x", [3, 5]), b.weight("w", [7, 5])]));
    expect(linear.multiplications).toBe(3 * 5 * 7);
    const conv = costOf((b) =>
      b.op("Conv", [b.input("x", [2, 4, 8, 8]), b.weight("w", [6, 4, 3, 3])], { strides: [2, 2], pads: [1, 1, 1, 1] }),
    );
    expect(conv.multiplications).toBe(2 * 6 * 4 * 4 * (4 * 9));
    const product = costOf((b) =>
      b.op("MatMul", [b.input("x", [9, 5]), b.input("y", [7, 5])], { transposeA: false, transposeB: true }),
    );
    expect(product.multiplications).toBe(9 * 5 * 7);
  });
});
