// A flat vector inside a graph: weights out of it, gradients into it.
import type { GraphBuilder, Value } from "@fewstep/core";
import { type FlatLayout, ROW } from "./layout.js";

/** weight = Reshape(Slice(vector)), for every entry whose name `wanted` accepts. */
export function sliceFlat(
  b: GraphBuilder,
  vector: Value,
  layout: FlatLayout,
  wanted: (name: string) => boolean = () => true,
): ReadonlyMap<string, Value> {
  return new Map(
    layout.entries
      .filter(({ name }) => wanted(name))
      .map(({ name, shape, offset, size }) => {
        const part = b.op("Slice", [vector], { axis: 0, start: offset, end: offset + size });
        return [name, b.op("Reshape", [part], { shape })];
      }),
  );
}

/** The vector whose entries are the given values; an entry without one is zeros. */
export function concatFlat(b: GraphBuilder, values: ReadonlyMap<string, Value>, layout: FlatLayout): Value {
  const parts: Value[] = [];
  let end = 0;
  for (const { name, offset, size } of layout.entries) {
    const value = values.get(name);
    parts.push(
      value === undefined ? b.constant([size], new Float32Array(size)) : b.op("Reshape", [value], { shape: [size] }),
    );
    end = offset + size;
  }
  if (layout.length > end) parts.push(b.constant([layout.length - end], new Float32Array(layout.length - end)));
  return b.op("Concat", parts, { axis: 0 });
}

/** sum(x^2) of a flat vector, in two stages: rows, then their sums. Shape [1]. */
export function squaredSum(b: GraphBuilder, vector: Value): Value {
  const rows = b.op("Reshape", [b.op("Mul", [vector, vector])], { shape: [vector.shape[0]! / ROW, ROW] });
  const sums = b.op("ReduceSum", [rows], { axes: [1], keepDims: false });
  return b.op("ReduceSum", [sums], { axes: [0], keepDims: true });
}
