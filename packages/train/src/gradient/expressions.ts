// Short spellings of the arithmetic that gradient rules are written in.
import type { GraphBuilder, Value } from "@fewstep/core";

export const add = (b: GraphBuilder, x: Value, y: Value): Value => b.op("Add", [x, y]);
export const sub = (b: GraphBuilder, x: Value, y: Value): Value => b.op("Sub", [x, y]);
export const mul = (b: GraphBuilder, x: Value, y: Value): Value => b.op("Mul", [x, y]);
export const div = (b: GraphBuilder, x: Value, y: Value): Value => b.op("Div", [x, y]);
export const square = (b: GraphBuilder, x: Value): Value => mul(b, x, x);

/** x * scale + shift. */
export const affine = (b: GraphBuilder, x: Value, scale: number, shift = 0): Value =>
  b.op("Affine", [x], { scale, shift });

const sameShape = (a: readonly number[], b: readonly number[]): boolean =>
  a.length === b.length && a.every((n, i) => n === b[i]);

export const reshape = (b: GraphBuilder, x: Value, shape: readonly number[]): Value =>
  sameShape(x.shape, shape) ? x : b.op("Reshape", [x], { shape });

export const transpose = (b: GraphBuilder, x: Value, permutation: readonly number[]): Value =>
  b.op("Transpose", [x], { permutation });

export const sum = (b: GraphBuilder, x: Value, axes: readonly number[], keepDims = false): Value =>
  axes.length === 0 ? x : b.op("ReduceSum", [x], { axes, keepDims });

export const mean = (b: GraphBuilder, x: Value, axes: readonly number[], keepDims = false): Value =>
  b.op("ReduceMean", [x], { axes, keepDims });

export const matMul = (b: GraphBuilder, x: Value, y: Value, transposeA = false, transposeB = false): Value =>
  b.op("MatMul", [x, y], { transposeA, transposeB });

/** Adds up what broadcasting repeated: the adjoint of numpy's broadcast from `shape`. */
export function sumTo(b: GraphBuilder, x: Value, shape: readonly number[]): Value {
  const extra = x.shape.length - shape.length;
  const axes = x.shape.flatMap((n, i) => (i < extra || (shape[i - extra] === 1 && n !== 1) ? [i] : []));
  return reshape(b, sum(b, x, axes), shape);
}

/** [..., n] -> [rows, n]. */
export function rows(b: GraphBuilder, x: Value): Value {
  const width = x.shape.at(-1)!;
  return reshape(b, x, [x.shape.slice(0, -1).reduce((a, n) => a * n, 1), width]);
}
