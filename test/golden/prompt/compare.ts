// How prompt goldens are compared: texts and ids exactly (difference 0 or 1, bound 0), numbers against the bound that their file states.
import type { GoldenCheck } from "../golden-case.js";

/** 0 if both are the same JSON, else 1. */
export function exactly(name: string, actual: unknown, expected: unknown): GoldenCheck {
  return { name, difference: JSON.stringify(actual) === JSON.stringify(expected) ? 0 : 1, bound: 0 };
}

/** The number in a file's bound, such as "1e-12 absolute in double". */
export function statedBound(bound: string): number {
  const written = /\d+(?:\.\d+)?e-\d+/.exec(bound)?.[0];
  if (written === undefined) throw new RangeError(`no number in the bound ${JSON.stringify(bound)}`);
  return Number(written);
}

/** Largest relative difference; absolute where the expected number is 0; NaN for lists of different lengths. */
export function relativeDifference(actual: readonly number[], expected: readonly number[]): number {
  if (actual.length !== expected.length) return Number.NaN;
  return expected.reduce(
    (worst, value, i) => Math.max(worst, Math.abs(actual[i]! - value) / (Math.abs(value) || 1)),
    0,
  );
}
