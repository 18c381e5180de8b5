// OFT and BOFT as an expression: rescale R W - W, the rotations computed from the skew matrices in the file. Each stage is softened by
// the strength before it is applied and the difference counts by the strength again, so that the strength counts twice: ComfyUI's meaning
// (comfy/weight_adapter/oft.py, boft.py). At strength 1 it is what the trainers compute.
// Cayley's (1 + Q)(1 - Q)^-1 is 1 + 2 Y with Y = Q (1 - Q)^-1. Runtimes have no inverse: Y comes by Newton's iteration, which doubles the
// digits each time and cannot fail, as 1 - Q is never singular.
import { elementCount } from "../../tensor/shape.js";
import type { RotationDelta } from "../../weights/adapters/adapter.js";
import type { Value } from "../graph.js";
import { NO_TRANSPOSE, type Scope } from "./adapter-scope.js";

/** The residual that is left, in natural logarithms. */
const DONE = 18;
/** Beyond this, single precision has no digits left. */
const MOST_ITERATIONS = 40;
/** What the trainers add to |Q| before they hold it against the constraint. */
const NORM_OFFSET = 1e-8;

const square = ({ parts }: Scope, value: Value): Value => parts.op("Mul", [value, value]);

/** The change of W at strength 1, its stages softened by factor times the strength. Shape [out, in, kernel...]. */
export function rotationChange(scope: Scope, delta: RotationDelta, base: Value, factor: number): Value {
  const { parts, id, shape } = scope;
  const { stages, count, size, rescale } = delta;
  const rest = elementCount(shape) / (count * size);
  const softened = delta.whole
    ? parts.op("Mul", [departure(scope, delta), parts.ofStrength(id, factor)])
    : parts.op("Mul", [cayley(scope, skew(scope, delta), iterations(delta.longest)), parts.ofStrength(id, 2 * factor)]);
  const blocks = parts.op("Reshape", [base], { shape: [count, size, rest] });
  if (stages === 1 && rescale === undefined && delta.turned) {
    return parts.op("Reshape", [parts.op("MatMul", [softened, blocks], NO_TRANSPOSE)], { shape });
  }
  let rows = base;
  for (let stage = 0; stage < stages; stage++) {
    const turning =
      stages === 1
        ? softened
        : parts.op("Slice", [softened], { axis: 0, start: stage * count, end: (stage + 1) * count });
    rows = delta.turned ? turned(scope, rows, turning, rest) : butterfly(scope, rows, turning, stage, rest);
  }
  const whole = parts.op("Reshape", [rows], { shape });
  if (rescale === undefined) return parts.op("Sub", [whole, base]);
  const factors = parts.factor(
    id,
    rescale,
    shape.map((n, i) => (i === 0 ? n : 1)),
  );
  return parts.op("Sub", [parts.op("Mul", [whole, factors]), base]);
}

/** Rows, and what the blocks [count, size, size] make of them in groups of `size`: [count, size, rest]. */
function turned({ parts }: Scope, rows: Value, blocks: Value, rest: number): Value {
  const [count, size] = blocks.shape as [number, number];
  const grouped = parts.op("Reshape", [rows], { shape: [count, size, rest] });
  return parts.op("Add", [grouped, parts.op("MatMul", [blocks, grouped], NO_TRANSPOSE)]);
}

/** The same with rows that lie 2^stage size / 2 apart brought together first, and back where they were after. */
function butterfly(scope: Scope, rows: Value, blocks: Value, stage: number, rest: number): Value {
  const { parts } = scope;
  const [count, size] = blocks.shape as [number, number];
  const apart = (2 ** stage * size) / 2;
  const pairs = (count * size) / (2 * apart);
  const swap = { permutation: [0, 2, 1, 3] } as const;
  const split = parts.op("Reshape", [rows], { shape: [pairs, 2, apart, rest] });
  const moved = turned(scope, parts.op("Transpose", [split], swap), blocks, rest);
  const apartAgain = parts.op("Reshape", [moved], { shape: [pairs, apart, 2, rest] });
  return parts.op("Transpose", [apartAgain], swap);
}

/** R^T - 1 of blocks that are stored as R. */
function departure(scope: Scope, { blocks, count, size }: RotationDelta): Value {
  const { parts, id } = scope;
  const own = parts.op("Mul", [parts.factor(id, blocks, [count, size, size]), parts.ofStrength(id, 0, 1)]);
  const turned = parts.op("Transpose", [own], { permutation: [0, 2, 1] });
  return parts.op("Sub", [turned, identity(scope, size)]);
}

/** Q of all blocks, [stages * count, size, size]: B - B^T, or its negative, shortened where the constraint asks for it. */
function skew(scope: Scope, { blocks, stages, count, size, turned, constraint }: RotationDelta): Value {
  const { parts, id } = scope;
  // tied to the strength: a runtime would else compute it while it loads and keep it
  const own = parts.op("Mul", [
    parts.factor(id, blocks, [stages * count, size, size]),
    parts.ofStrength(id, 0, turned ? -1 : 1),
  ]);
  const q = parts.op("Sub", [own, parts.op("Transpose", [own], { permutation: [0, 2, 1] })]);
  if (constraint === 0) return q;
  const most = constraint * count * size;
  const norm = parts.op("Sqrt", [parts.op("ReduceSum", [square(scope, q)], { axes: [0, 1, 2], keepDims: true })]);
  const over = parts.op("Maximum", [parts.op("Affine", [norm], { scale: 1, shift: NORM_OFFSET }), parts.scalar(most)]);
  return parts.op("Mul", [q, parts.op("Div", [parts.scalar(most), over])]);
}

/**
 * Y = q (1 - q)^-1 for skew blocks q [n, size, size]. With X = 1 + Y the residual 1 - (1 - q) X is q + q Y - Y, and X + X residual is the
 * next X. The first X is gamma (1 - q)^T, gamma so small by |q| that the first residual lies between 0 and 1.
 */
function cayley(scope: Scope, q: Value, rounds: number): Value {
  const { parts } = scope;
  const squares = parts.op("ReduceSum", [square(scope, q)], { axes: [1, 2], keepDims: true });
  // eigenvalues of q come in pairs: the largest, squared, is at most |q|^2 / 2
  const gamma = parts.op("Reciprocal", [parts.op("Affine", [squares], { scale: 1 / 2, shift: 1 })]);
  const less = parts.op("Mul", [identity(scope, q.shape[1]!), parts.op("Affine", [gamma], { scale: 1, shift: -1 })]);
  let y = parts.op("Add", [less, parts.op("Mul", [q, gamma])]);
  for (let i = 0; i < rounds; i++) {
    const moved = parts.op("Add", [q, parts.op("MatMul", [q, y], NO_TRANSPOSE)]);
    const residual = parts.op("Sub", [moved, y]);
    const step = parts.op("Add", [residual, parts.op("MatMul", [y, residual], NO_TRANSPOSE)]);
    y = parts.op("Add", [y, step]);
  }
  return y;
}

/**
 * Rounds of Newton's iteration for blocks of up to this |q|, which square the residual each: it begins at 1 - gamma, 1 / (1 + 2 / |q|^2). One more against
 * rounding.
 */
function iterations(longest: number): number {
  const start = Math.log1p(2 / longest ** 2);
  const rounds = Math.ceil(Math.log2(DONE / start)) + 1;
  return rounds < MOST_ITERATIONS ? Math.max(1, rounds) : MOST_ITERATIONS;
}

/** [1, size, size]: a one, size zeros, a one, ... cut to size rows. */
function identity({ parts }: Scope, size: number): Value {
  const ones = parts.op("Expand", [parts.scalar(1)], { shape: [size, 1] });
  const spaced = parts.op("Pad", [ones], { pads: [0, 0, 0, size] });
  const line = parts.op("Reshape", [spaced], { shape: [size * (size + 1)] });
  return parts.op("Reshape", [parts.op("Slice", [line], { axis: 0, start: 0, end: size * size })], {
    shape: [1, size, size],
  });
}
