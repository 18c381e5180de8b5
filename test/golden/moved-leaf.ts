// Moves one leaf of a JSON golden by a little more than twice the bound that its file states; what is exact is changed.
import type { GoldenCheck } from "./golden-case.js";
import { MOVE } from "./moved-tensors.js";
import { pick } from "./seeded.js";
import { parseBound } from "./stored-bound.js";
import type { Leaf } from "./traced-json.js";

/** The bounds that a case is held to, tightest first; none if all of it is exact. */
export function boundsOf(checks: readonly GoldenCheck[]): readonly number[] {
  const bounds = checks.map(({ bound }) => bound).filter((bound) => bound > 0);
  return [...new Set(bounds)].sort((a, b) => a - b);
}

function* texts(value: unknown): Iterable<string> {
  if (typeof value === "string") yield value;
  else if (typeof value === "object" && value !== null) for (const inner of Object.values(value)) yield* texts(inner);
}

/** Whether the bound of that size is stated relative to the value, to max(1, value), or neither. */
function unitOf(stated: unknown, bound: number): (value: number) => number {
  for (const words of texts(stated)) {
    if (!/\d+(?:\.\d+)?e[+-]?\d+/.test(words)) continue;
    const { value, kind } = parseBound(words);
    if (value !== bound) continue;
    if (kind === "scaled") return (x) => Math.max(1, Math.abs(x));
    if (kind === "relative" || words.includes(" relative")) return (x) => (x === 0 ? 1 : Math.abs(x));
  }
  return () => 1;
}

/** A number is moved up or down, a text gets a letter more (digits alone: another last one), a truth is denied. */
export function movedLeaf(leaf: Leaf, stated: unknown, bound: number, random: () => number): Leaf {
  if (typeof leaf === "boolean") return !leaf;
  if (typeof leaf === "string") {
    return /^[0-9a-f]+$/.test(leaf) ? leaf.slice(0, -1) + (leaf.endsWith("1") ? "2" : "1") : `${leaf}~`;
  }
  if (bound === 0) return leaf + 1;
  return leaf + pick([-1, 1], random) * MOVE * bound * unitOf(stated, bound)(leaf);
}
