// A delta as an expression over its factors: what one adapter adds to one weight, times its strength. Used where a delta is no low-rank
// branch beside a layer (LoHa, LoKr, DoRA, what multiplies the weight, differences, or anything on a norm or bias), and for folding.
// Every product is tied to the strength input: a runtime would else compute all deltas while it loads and keep them in memory.
import { elementCount } from "../../tensor/shape.js";
import type { Delta, KroneckerFactor, PlacedDelta, Product, ProductDelta } from "../../weights/adapters/adapter.js";
import type { Value } from "../graph.js";
import { ia3Change, weightThroughRank } from "./adapter-multiply.js";
import type { AdapterParts } from "./adapter-parts.js";
import { rotationChange } from "./adapter-rotation.js";
import { NO_TRANSPOSE, type Scope } from "./adapter-scope.js";

/** Keeps a norm of zero from dividing: the row it belongs to is zero itself. Below every normal float32 square root. */
const SMALLEST_NORM = 1e-30;

/** Core [i, j, kernel...] contracted over i with left and over j with right [j, in]: [out, in * kernel]. Left is [out, i], or [i, out]. */
function tucker(
  { parts }: Scope,
  core: Value,
  left: { readonly value: Value; readonly transposed: boolean },
  right: Value,
): Value {
  const [i, j, ...kernel] = core.shape as [number, number, ...number[]];
  const area = elementCount(kernel);
  const columns = right.shape[1]!;
  const flat = parts.op("Reshape", [core], { shape: [i, j * area] });
  const rows = parts.op("MatMul", [left.value, flat], { transposeA: left.transposed, transposeB: false });
  const out = rows.shape[0]!;
  const split = parts.op("Reshape", [rows], { shape: [out, j, area] });
  const turned = parts.op("Transpose", [split], { permutation: [0, 2, 1] });
  const list = parts.op("Reshape", [turned], { shape: [out * area, j] });
  const mixed = parts.op("MatMul", [list, right], NO_TRANSPOSE);
  const back = parts.op("Reshape", [mixed], { shape: [out, area, columns] });
  return parts.op("Reshape", [parts.op("Transpose", [back], { permutation: [0, 2, 1] })], {
    shape: [out, columns * area],
  });
}

/** A product of two factors as [out, in * kernel], its first factor multiplied by `by`. */
function productOf(scope: Scope, { a, b, core }: Product, by: Value): Value {
  const { parts, id } = scope;
  const first = parts.op("Mul", [parts.factor(id, a), by]);
  const second = parts.factor(id, b);
  if (core === undefined) return parts.op("MatMul", [first, second], NO_TRANSPOSE);
  return tucker(scope, parts.factor(id, core), { value: first, transposed: true }, second);
}

/** A Kronecker factor as [out, in * kernel], multiplied by `by`. */
function kroneckerFactor(scope: Scope, factor: KroneckerFactor, by: Value): Value {
  if (!("whole" in factor)) return productOf(scope, factor, by);
  const { parts, id } = scope;
  const [rows, ...rest] = factor.whole.shape as [number, ...number[]];
  return parts.op("Mul", [parts.factor(id, factor.whole, [rows, elementCount(rest)]), by]);
}

/** `by` times the delta, which is linear in it. `one` is 1, tied to the strength. */
function scaledProduct(scope: Scope, delta: ProductDelta, by: Value, one: Value): Value {
  const { parts, id, shape } = scope;
  switch (delta.kind) {
    case "lora": {
      const up = parts.op("Mul", [parts.factor(id, delta.up, delta.up.shape.slice(0, 2)), by]);
      const down = parts.factor(id, delta.down, [delta.rank, elementCount(delta.down.shape) / delta.rank]);
      const flat =
        delta.mid === undefined
          ? parts.op("MatMul", [up, down], NO_TRANSPOSE)
          : tucker(scope, parts.factor(id, delta.mid), { value: up, transposed: false }, down);
      return parts.op("Reshape", [flat], { shape });
    }
    case "loha": {
      const both = [productOf(scope, delta.first, by), productOf(scope, delta.second, one)];
      return parts.op("Reshape", [parts.op("Mul", both)], { shape });
    }
    case "lokr": {
      // kron(a, b)[i p, j q] = a[i, j] b[p, q]
      const a = kroneckerFactor(scope, delta.first, by);
      const b = kroneckerFactor(scope, delta.second, one);
      const left = parts.op("Reshape", [a], { shape: [a.shape[0]!, 1, a.shape[1]!, 1] });
      const right = parts.op("Reshape", [b], { shape: [1, b.shape[0]!, 1, b.shape[1]!] });
      return parts.op("Reshape", [parts.op("Mul", [left, right])], { shape });
    }
    default:
      return delta satisfies never;
  }
}

/** strength * factor * delta for the base weight `base`, which has the shape the delta sees. */
function contribution(scope: Scope, delta: Delta, base: Value, factor: number): Value {
  const { parts, id, shape } = scope;
  const one = () => parts.ofStrength(id, 0, 1);
  const strength = parts.ofStrength(id, factor);
  switch (delta.kind) {
    case "diff":
      return parts.op("Mul", [parts.factor(id, delta.difference, shape), strength]);
    case "set":
      return parts.op("Mul", [parts.op("Sub", [parts.factor(id, delta.value, shape), base]), strength]);
    case "dora": {
      const { of, axis } = delta;
      const scale = parts.ofStrength(id, 0, of.alpha / of.rank);
      const merged = parts.op("Add", [base, scaledProduct(scope, of, scale, one())]);
      const kept = axis === "out" ? 0 : 1;
      const axes = shape.flatMap((_, i) => (i === kept ? [] : [i]));
      const squares = parts.op("ReduceSum", [parts.op("Mul", [merged, merged])], { axes, keepDims: true });
      const norm = parts.op("Maximum", [parts.op("Sqrt", [squares]), parts.scalar(SMALLEST_NORM)]);
      const magnitude = parts.factor(
        id,
        delta.magnitude,
        shape.map((n, i) => (i === kept ? n : 1)),
      );
      const rescaled = parts.op("Mul", [merged, parts.op("Div", [magnitude, norm])]);
      return parts.op("Mul", [parts.op("Sub", [rescaled, base]), strength]);
    }
    case "glora": {
      const by = parts.ofStrength(id, (factor * delta.alpha) / delta.rank);
      return parts.op("Add", [weightThroughRank(scope, delta, base, by), scaledProduct(scope, delta.of, by, one())]);
    }
    case "rotation":
      return parts.op("Mul", [rotationChange(scope, delta, base, factor), strength]);
    case "ia3":
      return parts.op("Mul", [ia3Change(scope, delta, base), strength]);
    default:
      return scaledProduct(scope, delta, parts.ofStrength(id, (factor * delta.alpha) / delta.rank), one());
  }
}

/** The base weight plus what every adapter adds to it; each delta sees the base weight, never another adapter's result. */
export function adaptedWeight(
  parts: AdapterParts,
  base: Value,
  deltas: readonly { readonly id: string; readonly factor: number; readonly placed: PlacedDelta }[],
): Value {
  let weight = base;
  for (const { id, factor, placed } of deltas) {
    const turn = (value: Value) => parts.op("Transpose", [value], { permutation: [1, 0] });
    const seen = placed.transposed ? turn(base) : base;
    const added = contribution({ parts, id, shape: seen.shape }, placed.delta, seen, factor);
    weight = parts.op("Add", [weight, placed.transposed ? turn(added) : added]);
  }
  return weight;
}
