// Arithmetic on the flat values of a latent: every sampler is a weighted sum of a few arrays.
// Generic over the storage: sums are taken in doubles and stored in the type of the first array.

/** Flat values of one batch of latents, rows before columns, channels before rows. */
export type Values = Float32Array | Float64Array;

/** A new array of the same type as `model`. */
export function sameType<V extends Values>(model: V, length: number): V {
  return (model instanceof Float64Array ? new Float64Array(length) : new Float32Array(length)) as V;
}

/** Sum of coefficient times array. A coefficient of 0 leaves its array out, whatever that array holds. */
export function weightedSum<V extends Values>(...terms: readonly (readonly [number, V])[]): V {
  const first = terms[0];
  if (first === undefined) throw new RangeError("a weighted sum needs a term");
  const used = terms.filter(([coefficient]) => coefficient !== 0);
  const sum = sameType(first[1], first[1].length);
  for (let i = 0; i < sum.length; i++) {
    let total = 0;
    for (const [coefficient, values] of used) total += coefficient * values[i]!;
    sum[i] = total;
  }
  return sum;
}

/** Every value times `factor`; the array itself when the factor is 1. */
export function scaled<V extends Values>(values: V, factor: number): V {
  return factor === 1 ? values : weightedSum([factor, values]);
}

/** Every value held between -range and range. */
export function clamped<V extends Values>(values: V, range: number): V {
  const held = sameType(values, values.length);
  for (let i = 0; i < held.length; i++) held[i] = Math.min(range, Math.max(-range, values[i]!));
  return held;
}
