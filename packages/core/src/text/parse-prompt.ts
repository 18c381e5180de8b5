// From a prompt to what has to be encoded: choices, adapters' tags, AND, schedules, emphasis, tokens, windows, in this order. Pure; the
// plan is plain JSON. Which file an adapter's name means, and running the encoders, is not decided here.
import { FewstepError } from "../errors.js";
import { type ChoiceOptions, expandChoices } from "./choices.js";
import { type ChunkShape, CLIP_SHAPE, closeChunk } from "./chunk.js";
import type { Tokenizer } from "./clip-tokenizer.js";
import { splitComposition } from "./composition.js";
import { type EmbeddingCounts, spellEmbeddings } from "./embeddings.js";
import { GRAMMARS, type Grammar, type PromptEncoder } from "./grammars.js";
import { extractNetworks } from "./networks.js";
import { checkLimit } from "./prompt-limits.js";
import type { PromptGrammar, PromptNote, PromptPart, PromptPlan, PromptRange } from "./prompt-plan.js";
import { scheduleTexts } from "./schedule.js";
import type { Weighting } from "./weighting.js";

export interface EncoderOptions {
  readonly tokenizer: Tokenizer;
  /** Fills up behind the end: 49407 (default, CLIP-L) or 0 (OpenCLIP H and G). */
  readonly pad?: number;
  /** Textual inversions that this encoder has, with their numbers of vectors. Default none. */
  readonly embeddings?: EmbeddingCounts;
}

export interface PromptOptions {
  /** Default "a1111". */
  readonly grammar?: PromptGrammar;
  /** Steps of the run, at least 1. */
  readonly steps: number;
  /** Steps of the first pass, if this is a second one. */
  readonly firstPassSteps?: number;
  /** In the order in which the network takes them. */
  readonly encoders: readonly EncoderOptions[];
  /** Default: what the grammar's program does. */
  readonly weighting?: Weighting;
  /** Only "a1111": see A1111ChunkOptions. */
  readonly commaBacktrack?: number;
  /** Makes {a|b} and __name__ choices; left out, they are text. */
  readonly choices?: ChoiceOptions;
}

function checkCount(name: string, count: number | undefined): void {
  if (count === undefined || (Number.isInteger(count) && count >= 1)) return;
  throw new FewstepError({
    code: "prompt-steps-invalid",
    message: `${name} of a prompt's schedule is no count`,
    found: String(count),
    expected: "a whole number from 1 on",
  });
}

/** Fills the windows of all encoders with texts, each text once. */
function windowFiller(
  grammar: Grammar,
  encoders: readonly PromptEncoder[],
  commaBacktrack: number,
  notes: PromptNote[],
) {
  const known = new Map<string, PromptRange["encoders"]>();
  let encodings = 0;
  return (text: string): PromptRange["encoders"] => {
    const before = known.get(text);
    if (before !== undefined) return before;
    const fill = grammar.read(text, commaBacktrack);
    const filled = encoders.map((encoder) => {
      const { windows, notes: said } = fill(encoder);
      notes.push(...said);
      checkLimit("chunks", windows.length);
      return { windows, empty: { ...closeChunk([], encoder.shape), share: 1, masked: [] } };
    });
    // states of encoders are joined side by side: one whose textual inversions are shorter is given empty windows
    const count = Math.max(0, ...filled.map(({ windows }) => windows.length));
    const padded = filled.map(({ windows, empty }) => [
      ...windows,
      ...Array.from({ length: count - windows.length }, () => [empty]),
    ]);
    encodings += padded[0]?.reduce((sum, window) => sum + window.length, 0) ?? 0;
    checkLimit("encodings", encodings);
    known.set(text, padded);
    return padded;
  };
}

/** Notes said once, whatever the number of encoders and steps. */
function distinct(notes: readonly PromptNote[]): readonly PromptNote[] {
  return [...new Map(notes.map((note) => [JSON.stringify(note), note])).values()];
}

/**
 * Reads a prompt.
 * @throws FewstepError, all of kind "input": `prompt-too-long`, `prompt-too-deep`, `prompt-too-many-texts`, `prompt-too-many-parts`,
 * `prompt-too-many-choices`, `prompt-weight-invalid`, `prompt-operator-invalid`, `prompt-steps-invalid`, `network-tag-invalid`,
 * `prompt-grammar-unknown`, `wildcard-unknown`, `embedding-too-long`
 */
export function parsePrompt(text: string, options: PromptOptions): PromptPlan {
  checkLimit("characters", text.length);
  checkCount("steps", options.steps);
  checkCount("firstPassSteps", options.firstPassSteps);
  const name = options.grammar ?? "a1111";
  if (!Object.hasOwn(GRAMMARS, name))
    throw new FewstepError({
      code: "prompt-grammar-unknown",
      message: "no grammar of prompts has this name",
      found: String(name).slice(0, 80),
      expected: Object.keys(GRAMMARS).join(", "),
    });
  const grammar = GRAMMARS[name];
  const prompt = options.choices === undefined ? text : expandChoices(text, options.choices);
  const tagged = grammar.networks ? extractNetworks(prompt) : { text: prompt, networks: [] };
  const encoders = options.encoders.map(
    ({ tokenizer, pad = CLIP_SHAPE.pad, embeddings = new Map() }): PromptEncoder => {
      const shape: ChunkShape = { ...CLIP_SHAPE, pad };
      return { tokenizer, shape, embeddings, spelled: spellEmbeddings(embeddings, tokenizer) };
    },
  );
  const notes: PromptNote[] = [];
  const fill = windowFiller(grammar, encoders, options.commaBacktrack ?? 20, notes);
  const parts = grammar.composition ? splitComposition(tagged.text) : [{ text: tagged.text, weight: 1 }];
  const { steps, firstPassSteps } = options;
  return {
    grammar: name,
    weighting: options.weighting ?? grammar.weighting,
    prompt,
    networks: tagged.networks,
    parts: parts.map((part): PromptPart => {
      const texts = grammar.schedules
        ? scheduleTexts(part.text, { steps, ...(firstPassSteps === undefined ? {} : { firstPassSteps }) })
        : [{ text: part.text, lastStep: steps }];
      return {
        weight: part.weight,
        ranges: texts.map(({ lastStep, text: one }) => ({ lastStep, text: one, encoders: fill(one) })),
      };
    }),
    notes: distinct(notes),
  };
}
