// The linter: looks at a run before anything is computed and says what will go wrong, why, and what to do. Rules are data, one file a subject.
import type { AcceleratorVariant } from "../accelerator.js";
import { guidanceRules } from "./guidance-rules.js";
import { lintContext } from "./lint-context.js";
import type { LintRun } from "./lint-run.js";
import { modelRules } from "./model-rules.js";
import { noiseRules } from "./noise-rules.js";
import { pictureRules } from "./picture-rules.js";
import { promptRules } from "./prompt-rules.js";
import type { LintRule, Severity } from "./rule.js";
import { samplerRules } from "./sampler-rules.js";
import { scheduleRules } from "./schedule-rules.js";
import { sizeRules } from "./size-rules.js";
import { stackRules } from "./stack-rules.js";
import { stepRules } from "./step-rules.js";
import { strengthRules } from "./strength-rules.js";

export interface Finding {
  readonly code: string;
  readonly severity: Severity;
  readonly reason: string;
  readonly fix: string;
  readonly source: string;
  /** The accelerator it concerns. */
  readonly variant?: AcceleratorVariant;
}

export const lintRules: readonly LintRule[] = [
  ...stepRules,
  ...guidanceRules,
  ...samplerRules,
  ...scheduleRules,
  ...strengthRules,
  ...sizeRules,
  ...modelRules,
  ...stackRules,
  ...pictureRules,
  ...promptRules,
  ...noiseRules,
];

const order: Readonly<Record<Severity, number>> = { error: 0, warning: 1, note: 2 };

/** Findings, the gravest first; none for publishers' own settings. */
export function lint(run: LintRun): readonly Finding[] {
  const context = lintContext(run);
  const found = lintRules
    .filter(({ holds }) => holds(context))
    .map(({ code, severity, reason, fix, source }) => ({
      code,
      severity,
      reason: reason(context),
      fix: fix(context),
      source,
      ...(context.variant === undefined ? {} : { variant: context.variant }),
    }));
  return gravestFirst(found);
}

export function gravestFirst(findings: readonly Finding[]): readonly Finding[] {
  return findings.toSorted((a, b) => order[a.severity] - order[b.severity]);
}
