// {a|b} and __wildcard__ in a run's texts: made for each picture from its seed, so that --count gives different prompts, and the same seed
// the same one.
import { choiceSeed, expandChoices, FewstepError } from "@fewstep/core";
import { readWildcards } from "@fewstep/core/node";
import type { Command } from "commander";
import { isVaried } from "./noise-options.js";
import { checkedPrompt } from "./read-prompts.js";
import type { RequestOptions } from "./request-options.js";

export interface ChoiceOptions {
  readonly choices?: boolean;
  /** A folder; means --choices. */
  readonly wildcards?: string;
}

export function addChoiceOptions(command: Command): Command {
  return command
    .option("--choices", "read {a|b} and {2::a|b} in prompts as a choice, made from each picture's seed")
    .option("--wildcards <folder>", "text files whose lines __name__ stands for; means --choices");
}

/** Pictures that share their texts. */
export interface ChosenPrompt<T extends RequestOptions> {
  readonly prompt: string;
  readonly options: T;
  readonly firstSeed: bigint;
  /** Which of the pictures of the prompt as written these are. */
  readonly pictures: readonly number[];
}

type Chooser<T extends RequestOptions> = (prompt: string, firstSeed: bigint) => readonly ChosenPrompt<T>[];

/** @throws FewstepError `wildcards-unreadable`, `choices-with-one-generator`; the chooser `wildcard-unknown` and the codes of a prompt beyond its limits */
export async function promptChooser<T extends RequestOptions & ChoiceOptions>(
  options: T,
  signal: AbortSignal,
): Promise<Chooser<T>> {
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
      const seed = choiceSeed(firstSeed + BigInt(i));
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
