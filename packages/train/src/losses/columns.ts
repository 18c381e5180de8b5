// Numbers that differ from picture to picture (signal and noise levels, weights) travel in one matrix [N, columns]: one upload a step.
import type { GraphBuilder, Tensor, Value } from "@fewstep/core";

/** Column `name` of the matrix as [N, 1, 1, 1]. */
export function columnOf<N extends string>(b: GraphBuilder, matrix: Value, columns: readonly N[]): (name: N) => Value {
  return (name) => {
    const at = columns.indexOf(name);
    const slice = b.op("Slice", [matrix], { axis: 1, start: at, end: at + 1 });
    return b.op("Reshape", [slice], { shape: [matrix.shape[0]!, 1, 1, 1] });
  };
}

/** The matrix from one row a picture. */
export function columnFeed<N extends string>(
  columns: readonly N[],
  rows: readonly Readonly<Record<N, number>>[],
): Tensor {
  const data = Float32Array.from(rows.flatMap((row) => columns.map((name) => row[name])));
  return { dtype: "f32", shape: [rows.length, columns.length], data };
}
