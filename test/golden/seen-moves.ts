// What a moved leaf did to its case, and what the cases of a set together say of a key: a stored result, or something they are given.
import type { GoldenCheck } from "./golden-case.js";
import { MOVE } from "./moved-tensors.js";
import { passes } from "./run-case.js";
import type { Leaf } from "./traced-json.js";

/** `alone`: one check fails by as much as the leaf was moved, and all others are as they were. `refused`: the case cannot be run so. */
export type Seen = "alone" | "among others" | "unseen" | "refused";

/** Times the bound: what a check that held may show once the stored value is moved by MOVE bounds. */
const SHOWN = { least: MOVE - 1, most: MOVE + 1 } as const;

export function judge(checks: readonly GoldenCheck[] | string, before: readonly GoldenCheck[], moved: Leaf): Seen {
  if (typeof checks === "string") return "refused";
  if (passes(checks)) return "unseen";
  const same = (check: GoldenCheck, at: number) =>
    check.name === before[at]?.name && Object.is(check.difference, before[at].difference);
  const [changed, ...others] = checks.filter((check, at) => !same(check, at));
  if (changed === undefined || others.length > 0 || checks.length !== before.length) return "among others";
  const shown = changed.difference / changed.bound;
  const asMoved =
    changed.bound === 0 || (typeof moved === "number" && shown >= SHOWN.least && shown <= SHOWN.most * (1 + 1e-3));
  return asMoved ? "alone" : "among others";
}

/**
 * Of some thirty cases at most one may miss the move of a result, for this to be told as a fault. A setting is missed more often: where
 * there is one step only, the curve of a schedule does not matter.
 */
const MISSED = 1 / 30;

/** Results are seen wherever they are moved; or nearly so, and then by themselves. */
export function isResult(verdicts: readonly Seen[]): boolean {
  const count = (of: Seen) => verdicts.filter((verdict) => verdict === of).length;
  const seen = count("alone") + count("among others");
  const missed = count("unseen");
  return seen > 0 && (missed === 0 || (missed <= MISSED * (seen + missed) && count("alone") > count("among others")));
}
