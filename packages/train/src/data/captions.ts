// What a caption becomes when it is read in training: tags in another order, some left out, now and then none at all. So the network learns
// that order does not matter, that what is not named is free, and what an empty prompt means (needed by guidance, Ho and Salimans 2022).
import type { RandomStream } from "../optim/random-stream.js";

export interface CaptionOptions {
  /** Part of the captions that are emptied; default 0.1. */
  readonly empty?: number;
  /** Part of the captions whose tags are shuffled; default 0.5. */
  readonly shuffle?: number;
  /** Part of the captions that lose tags; default 0.5. Each of their tags goes with a chance drawn from 0 to 0.6. */
  readonly drop?: number;
}

const SEPARATOR = ", ";

export function variedCaption(caption: string, random: RandomStream, options: CaptionOptions = {}): string {
  const { empty = 0.1, shuffle = 0.5, drop = 0.5 } = options;
  if (random.uniform() < empty) return "";
  let tags = caption.split(SEPARATOR);
  if (random.uniform() < drop) {
    const chance = 0.6 * random.uniform();
    tags = tags.filter(() => random.uniform() >= chance);
  }
  if (random.uniform() < shuffle) {
    for (let i = tags.length - 1; i > 0; i--) {
      const j = random.below(i + 1);
      [tags[i], tags[j]] = [tags[j]!, tags[i]!];
    }
  }
  return tags.join(SEPARATOR);
}
