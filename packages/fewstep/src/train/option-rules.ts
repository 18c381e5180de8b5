// Which options go together, as data: a rule a pair that does not.
import { FewstepError } from "@fewstep/core";

export interface OptionRule<Options> {
  readonly broken: (options: Options) => boolean;
  readonly why: string;
  readonly found: (options: Options) => string;
  readonly expected: string;
}

/** The options that were given, as they are typed. */
export const named = (...options: readonly (readonly [string, unknown])[]): readonly string[] =>
  options.filter(([, value]) => value !== undefined).map(([name]) => `--${name}`);

/** Throws `options-do-not-fit`. */
export function checkRules<Options>(rules: readonly OptionRule<Options>[], options: Options): void {
  const rule = rules.find(({ broken }) => broken(options));
  if (rule === undefined) return;
  throw new FewstepError({
    code: "options-do-not-fit",
    message: "these options do not go together",
    found: rule.found(options),
    expected: rule.expected,
    hint: rule.why,
  });
}
