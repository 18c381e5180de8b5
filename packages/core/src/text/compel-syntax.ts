// Prompts as compel (damian0815/compel) reads them: word+ and word--, (some words)1.3, quotes like brackets, ("a", "b").blend(0.7, 0.3),
// ("a", "b").and(1, 0.5). What its grammar does not take as a bracket is a word. Its .swap(), .attend() and LoRA terms are refused by name.
import { FewstepError } from "../errors.js";
import { parseCompelFragments } from "./compel-fragments.js";
import { checkLimit } from "./prompt-limits.js";
import type { WeightedText } from "./weighted-text.js";

/** One window of text states: texts whose states are mixed. */
export interface CompelMember {
  /** How far its states are moved from the empty prompt's, in a conjunction. */
  readonly weight: number;
  readonly prompts: readonly (readonly WeightedText[])[];
  /** As written, one for each prompt. */
  readonly shares: readonly number[];
  /** Whether shares are divided by their sum. */
  readonly normalise: boolean;
}

const EMPTY: readonly WeightedText[] = [{ text: "", weight: 1 }];
const OPERATOR = /\)\.(blend|and|add)\(([^()]{0,4096})\)\s*$/;
const UNSUPPORTED = /\)\.swap\(|"\.swap\(|\.attend\(|\b(?:with|use)Lora\(/;
const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)$/;

function refused(message: string, found: string, expected: string): FewstepError {
  return new FewstepError({ code: "prompt-operator-invalid", message, found: found.slice(0, 120), expected });
}

/** The quoted or bracketed terms of a list: `"a", (b)+, c`. Commas inside quotes and brackets do not part them. */
function terms(list: string): readonly string[] {
  const out: string[] = [];
  let from = 0;
  let depth = 0;
  let quoted = false;
  for (let at = 0; at <= list.length; at++) {
    const character = list[at];
    if (character === "\\") at++;
    else if (character === '"') quoted = !quoted;
    else if (!quoted && character === "(") depth++;
    else if (!quoted && character === ")") depth--;
    else if (character === undefined || (character === "," && !quoted && depth === 0)) {
      out.push(list.slice(from, at).trim());
      checkLimit("compositionParts", out.length);
      from = at + 1;
    }
  }
  return out;
}

function numbers(options: readonly string[], written: string): readonly number[] {
  return options.map((option) => {
    if (!NUMBER.test(option) || !Number.isFinite(Number(option)))
      throw refused("an operator of the prompt has a weight that is no number", written, "numbers such as 0.7, 0.3");
    return Number(option);
  });
}

function unquoted(term: string): string {
  return term.length >= 2 && term.startsWith('"') && term.endsWith('"')
    ? term.slice(1, -1).replaceAll('\\"', '"')
    : term;
}

/**
 * The members of a prompt: their states lie one after the other.
 * @throws FewstepError `prompt-operator-invalid`, `prompt-weight-invalid`, `prompt-too-deep`, `prompt-too-many-parts`
 */
export function parseCompel(prompt: string): readonly CompelMember[] {
  const fragments = (text: string): readonly WeightedText[] => {
    const parsed = parseCompelFragments(text);
    return parsed.length === 0 ? EMPTY : parsed;
  };
  const unsupported = UNSUPPORTED.exec(prompt);
  if (unsupported !== null)
    throw refused(
      "the prompt uses an operator of compel that is not supported",
      unsupported[0],
      ".blend(), .and(), + and -",
    );
  const text = prompt.trim();
  const operator = text.startsWith("(") ? OPERATOR.exec(text) : null;
  if (operator === null) return [{ weight: 1, prompts: [fragments(prompt)], shares: [1], normalise: false }];
  const [written, name, list = ""] = operator;
  const prompts = terms(text.slice(1, operator.index)).map((term) => fragments(unquoted(term)));
  const options = list.trim() === "" ? [] : list.split(",").map((option) => option.trim());
  const normalise = options.at(-1) !== "no_normalize";
  const given = numbers(normalise ? options : options.slice(0, -1), written);
  const shares = given.length === 0 ? prompts.map(() => 1) : given;
  if (shares.length !== prompts.length)
    throw refused("an operator of the prompt has not one weight for each text", written, `${prompts.length} weights`);
  if (name === "blend") {
    if (normalise && shares.reduce((a, b) => a + b, 0) === 0)
      throw refused("the weights of a blend add up to nothing", written, "a sum other than 0, or no_normalize");
    return [{ weight: 1, prompts, shares, normalise }];
  }
  return prompts.map((one, i) => ({ weight: shares[i]!, prompts: [one], shares: [1], normalise: false }));
}
