// A rule of the linter as data: when it holds, why that matters, what to do, and who says so.
import type { LintContext } from "./lint-context.js";

/** `error`: the picture will be broken. `warning`: worse than it need be. `note`: worth knowing. */
export type Severity = "error" | "warning" | "note";

export interface LintRule {
  readonly code: string;
  readonly severity: Severity;
  readonly holds: (context: LintContext) => boolean;
  /** Asked only where the rule holds. */
  readonly reason: (context: LintContext) => string;
  readonly fix: (context: LintContext) => string;
  readonly source: string;
}

/** The variant, in a rule that holds only with one. */
export function variantOf({ variant }: LintContext) {
  if (variant === undefined) throw new RangeError("the rule holds without an accelerator");
  return variant;
}

/** How a range is written. */
export function rangeText([low, high]: readonly [number, number]): string {
  return low === high ? String(low) : `${low} to ${high}`;
}

/** The publisher's schedule by name. */
export function publishedSchedule(context: LintContext): string {
  const { schedule } = variantOf(context).settings;
  return typeof schedule === "string" ? schedule : schedule.name;
}
