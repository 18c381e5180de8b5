// The linter's findings, as lines for people and as an end of a run under --strict.
import { FewstepError, type Finding } from "@fewstep/core";

/** Warnings and errors. */
export function graveFindings(findings: readonly Finding[]): readonly Finding[] {
  return findings.filter(({ severity }) => severity !== "note");
}

/** Notes that something which was typed does nothing. */
const IGNORED: ReadonlySet<string> = new Set(["negative-without-effect"]);

/** Those that are worth saying unasked. */
export function toldFindings(findings: readonly Finding[]): readonly Finding[] {
  return findings.filter(({ code, severity }) => severity !== "note" || IGNORED.has(code));
}

/** One line, as a note of a run. */
export function findingText({ code, severity, reason, fix }: Finding): string {
  return `${severity} ${code}: ${reason}; ${fix}`;
}

/** All that is known of it, the fields of a finding a line each. */
export function findingLines({ code, severity, reason, fix, source }: Finding): string {
  return [`${severity} ${code}`, `  why: ${reason}`, `  fix: ${fix}`, `  source: ${source}`].join("\n");
}

/** Plain JSON: the accelerator by its title. */
export function findingJson({ code, severity, reason, fix, source, variant }: Finding) {
  return { code, severity, reason, fix, source, ...(variant && { accelerator: variant.title }) };
}

/**
 * Errors always end `fewstep lint`, warnings under --strict.
 * @param hint where the findings have been told shorter than lint tells them
 * @throws FewstepError `lint-findings` (exit 1)
 */
export function requireNone(findings: readonly Finding[], strict: boolean, hint?: string): void {
  const grave = strict ? graveFindings(findings) : findings.filter(({ severity }) => severity === "error");
  if (grave.length === 0) return;
  throw new FewstepError({
    code: "lint-findings",
    kind: "failed",
    message: strict ? "the linter warns, and --strict is given" : "the picture would be broken",
    found: grave.map(({ code }) => code).join(", "),
    ...(hint === undefined ? {} : { hint }),
  });
}
