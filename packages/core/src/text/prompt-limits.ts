// What a prompt may ask for at most, and the errors of prompts. The parsers are linear, what they make is not always: a nest of a
// thousand brackets multiplies a weight a thousand times, an alternation repeats the prompt at every step.
import { FewstepError } from "../errors.js";

export const PROMPT_LIMITS = {
  /** UTF-16 units of one prompt. Long real prompts have about 10,000; refused: a 10 MB prompt. */
  characters: 200_000,
  /** Brackets inside brackets. Real prompts nest under 10 deep; refused: 100,000 brackets, whose weight 1.1^100000 is infinite anyway. */
  depth: 256,
  /** Encoder windows of 75 tokens for one text. Real prompts take under 10; each costs a run of the encoder. */
  chunks: 256,
  /** Characters of all scheduled texts of a prompt together. Refused: 100,000 characters that change at each of 1,000 steps. */
  scheduledCharacters: 1_000_000,
  /** Different texts of one prompt: one each step of a long run; each is encoded by itself. */
  scheduledTexts: 1_000,
  /** Runs of one encoder for a whole prompt, equal texts counted once. Refused: hundreds of long texts, hours of encoding. */
  encodings: 4_096,
  /** Replacements of wildcards and choices in one prompt. Refused: a wildcard whose lines name the wildcard twice. */
  choices: 10_000,
  /** Prompts joined by AND, .and() or .blend(): with AND each is a run of the network at every step. */
  compositionParts: 64,
} as const;

/** Refuses with a code when a prompt asks for more than a limit. */
export function checkLimit(what: keyof typeof PROMPT_LIMITS, found: number): void {
  const limit = PROMPT_LIMITS[what];
  if (found <= limit) return;
  throw new FewstepError({
    code: LIMIT_CODES[what],
    message: `the prompt has too many ${LIMIT_NAMES[what]}`,
    found: String(found),
    expected: `at most ${limit}`,
  });
}

const LIMIT_CODES: Readonly<Record<keyof typeof PROMPT_LIMITS, string>> = {
  characters: "prompt-too-long",
  depth: "prompt-too-deep",
  chunks: "prompt-too-long",
  scheduledCharacters: "prompt-too-many-texts",
  scheduledTexts: "prompt-too-many-texts",
  encodings: "prompt-too-many-texts",
  choices: "prompt-too-many-choices",
  compositionParts: "prompt-too-many-parts",
};

const LIMIT_NAMES: Readonly<Record<keyof typeof PROMPT_LIMITS, string>> = {
  characters: "characters",
  depth: "brackets inside each other",
  chunks: "chunks of 75 tokens",
  scheduledCharacters: "characters over all its steps",
  scheduledTexts: "texts that change by step",
  encodings: "chunks over all its texts",
  choices: "choices and wildcards",
  compositionParts: "parts joined by AND or an operator",
};

/** A weight, once it is a number that can be computed with. */
export function finiteWeight(weight: number, written: string): number {
  if (Number.isFinite(weight)) return weight;
  throw new FewstepError({
    code: "prompt-weight-invalid",
    message: "a weight of the prompt is not a finite number",
    found: written.slice(0, 80),
    expected: "a number such as 1.2",
  });
}
