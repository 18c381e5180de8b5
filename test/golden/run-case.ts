// One golden case run, and how it is told.
import type { GoldenCase, GoldenCheck } from "./golden-case.js";

export interface Counts {
  passed: number;
  failed: number;
  skipped: number;
}

export type Verdict = keyof Counts;

/** A difference that is not finite is no difference that a bound could hold. */
export const exceeds = ({ difference, bound }: GoldenCheck): boolean => !(difference <= bound);

/** A case that checks nothing has not passed. */
export const passes = (checks: readonly GoldenCheck[]): boolean => checks.length > 0 && !checks.some(exceeds);

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

export type RunnableCase = Extract<GoldenCase, { readonly run: unknown }>;

/** The checks of a case, or why there are none. */
export async function checksOf(one: RunnableCase): Promise<readonly GoldenCheck[] | string> {
  try {
    return await one.run();
  } catch (error) {
    return messageOf(error);
  }
}

/** Runs a case and prints the check that failed, or came closest to it. */
export async function runCase(one: GoldenCase, say: (line: string) => void): Promise<Verdict> {
  if ("skip" in one) {
    say(`skip  ${one.id}: ${one.skip}`);
    return "skipped";
  }
  const checks = await checksOf(one);
  if (typeof checks === "string") {
    say(`FAIL  ${one.id}: ${checks}`);
    return "failed";
  }
  const worst = checks.reduce(
    (a, b) => (b.difference / b.bound > a.difference / a.bound ? b : a),
    checks[0] ?? { name: "nothing", difference: Number.NaN, bound: 0 },
  );
  const shown = checks.find(exceeds) ?? worst;
  const ok = passes(checks);
  say(
    `${ok ? "ok   " : "FAIL "} ${one.id}: ${shown.name} ${shown.difference.toExponential(2)} of ${shown.bound.toExponential(2)} (${checks.length} checks)`,
  );
  return ok ? "passed" : "failed";
}
