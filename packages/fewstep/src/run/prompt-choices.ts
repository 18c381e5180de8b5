// {a|b} and __wildcard__ in a run's texts: made for each picture from its seed, so that --count gives different prompts, and the same seed
// the same one.
import { expandChoices, FewstepError } from "@fewstep/core";
import { readWildcards } from "@fewstep/core/node";
import { isVaried } from "./noise-options.js";
import { checkedPrompt } from "./read-prompts.js";
import type { RequestOptions } from "./request-options.js";

export interface ChoiceOptions {
  readonly choices?: boolean;
  /** A folder; means --choices. */
  readonly wildcards?: string;
}

/** Pictures that share their texts. */
export interface ChosenPrompt {
  readonly prompt: string;
  readonly options: RequestOptions;
  readonly firstSeed: bigint;
  /** Which of the pictures of the prompt as written these are. */
  readonly pictures: readonly number[];
}

type Chooser = (prompt: string, firstSeed: bigint) => readonly ChosenPrompt[];

/** A double holds no more; the seeds people type differ in their lower digits. */
const SEED_BITS = 53;

/** @throws FewstepError `wildcards-unreadable`, `choices-with-one-generator`; the chooser `wildcard-unknown` and the codes of a prompt beyond its limits */
export async function promptChooser(options: RequestOptions & ChoiceOptions, signal: AbortSignal): Promise<Chooser> {
  const all = Array.from({ length: options.count }, (_, i) => i);
  const { choices, wildcards: folder } = options;
  if (!choices && folder === undefined) return (prompt, firstSeed) => [{ prompt, options, firstSeed, pictures: all }];
  if (options.oneGenerator) {
    throw new FewstepError({
      code: "choices-with-one-generator",
      message: "pictures of one generator are made together, and choices give each a prompt of its own",
      hint: "leave out --one-generator, or --choices and --wildcards",
    });
  }
  const wildcards = folder === undefined ? new Map() : await readWildcards(folder, signal);
  return (prompt, firstSeed) =>
    all.map((i) => {
      const varied = isVaried(options);
      const seed = Number(BigInt.asUintN(SEED_BITS, firstSeed + BigInt(i)));
      const chosen = (text: string) => checkedPrompt(expandChoices(text, { seed, wildcards }));
      const { negative, prompt2, negative2, subseed = firstSeed } = options;
      return {
        prompt: chosen(prompt),
        firstSeed: varied ? firstSeed : firstSeed + BigInt(i),
        pictures: [i],
        options: {
          ...options,
          count: 1,
          ...(varied ? { subseed: (subseed + BigInt(i)) % 2n ** 64n } : {}),
          ...(negative === undefined ? {} : { negative: chosen(negative) }),
          ...(prompt2 === undefined ? {} : { prompt2: chosen(prompt2) }),
          ...(negative2 === undefined ? {} : { negative2: chosen(negative2) }),
        },
      };
    });
}
