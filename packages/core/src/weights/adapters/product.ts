// Shapes of the two-factor products that LoHa and LoKr are made of.
import type { Product } from "./adapter.js";
import { checkedRank, checkShapes } from "./module-tensors.js";

/** What a delta adds to: rows, and the shape of one row ([in], [in, kh, kw] or [in * kh * kw]). */
export interface ProductSize {
  readonly out: number;
  readonly inner: readonly number[];
}

/** Throws `adapter-rank` or `adapter-shape` unless the factors can be multiplied. */
export function checkProduct({ a, b, core }: Product): void {
  checkedRank(b.shape[0], b);
  if (core === undefined) {
    checkShapes(
      a.shape.length === 2 && b.shape.length === 2 && a.shape[1] === b.shape[0],
      "a [out, rank] and b [rank, in]",
      [a, b],
    );
    return;
  }
  const fits = a.shape.length === 2 && b.shape.length === 2 && core.shape.length > 2;
  checkShapes(
    fits && core.shape[0] === a.shape[0] && core.shape[1] === b.shape[0],
    "core [rank, rank, ...], a [rank, out] and b [rank, in]",
    [core, a, b],
  );
}

export function productSize({ a, b, core }: Product): ProductSize {
  return core === undefined
    ? { out: a.shape[0]!, inner: [b.shape[1]!] }
    : { out: a.shape[1]!, inner: [b.shape[1]!, ...core.shape.slice(2)] };
}
