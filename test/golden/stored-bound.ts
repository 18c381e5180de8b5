// Bounds as the JSON goldens state them in words, and the differences they are about.
// "1e-9 * max(1, |value|)" is scaled, "1e-10 relative" relative, anything else absolute; the first power of ten is the number.
import type { GoldenCheck } from "./golden-case.js";

export interface StoredBound {
  readonly value: number;
  readonly kind: "scaled" | "relative" | "absolute";
}

export function parseBound(words: string): StoredBound {
  const value = Number(/\d+(?:\.\d+)?e[+-]?\d+/.exec(words)?.[0]);
  if (!(value > 0)) throw new RangeError(`no bound in ${JSON.stringify(words)}`);
  const kind = words.includes("max(1") ? "scaled" : /^\S+ relative/.test(words) ? "relative" : "absolute";
  return { value, kind };
}

const denominators: Readonly<Record<StoredBound["kind"], (expected: number) => number>> = {
  scaled: (expected) => Math.max(1, Math.abs(expected)),
  relative: (expected) => (expected === 0 ? 1 : Math.abs(expected)),
  absolute: () => 1,
};

/** The largest difference of two lists in the bound's unit; NaN for different lengths or anything that is not finite. */
export function checkValues(
  name: string,
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  bound: StoredBound,
): GoldenCheck {
  let difference = actual.length === expected.length ? 0 : Number.NaN;
  for (let i = 0; i < expected.length; i++) {
    const one = Math.abs(actual[i]! - expected[i]!) / denominators[bound.kind](expected[i]!);
    if (!(one <= difference)) difference = one;
    if (Number.isNaN(difference)) break;
  }
  return { name, difference, bound: bound.value };
}

/** A check that holds or does not. */
export function checkThat(name: string, holds: boolean): GoldenCheck {
  return { name, difference: holds ? 0 : Number.NaN, bound: 0 };
}
