// A graph that no WebGPU device computes alone: its sum of 64-bit integers is a CPU's.
import { type Graph, GraphBuilder } from "@fewstep/core";

export function mixedGraph(): Graph {
  const builder = new GraphBuilder("mixed");
  const index = builder.op("Add", [
    builder.input("index", [2], "i64"),
    builder.constant([2], BigInt64Array.of(1n, 1n)),
  ]);
  const table = builder.constant([4, 1], Float32Array.of(1, 2, 3, 4));
  return builder.finish([{ name: "rows", value: builder.op("Gather", [table, index]) }]);
}
