// Prompts joined by the word AND, each with an optional ": weight" at its end, as AUTOMATIC1111's webui reads them (after Liu et al.,
// 2022): the weighted differences to the unconditional prediction are added. A trailing weight counts even without AND.
import { checkLimit, finiteWeight } from "./prompt-limits.js";
import { isSpace, skipSpaceBack, standaloneWord } from "./python-syntax.js";
import type { WeightedText } from "./weighted-text.js";

const NUMBER = /^[-+]?(?:\d+\.?|\d*\.\d+)$/;

/** Reads from the end, so that no text makes it look twice. */
function weighted(part: string): WeightedText {
  const end = skipSpaceBack(part, part.length);
  let start = end;
  while (start > 0 && /[\d.]/.test(part[start - 1]!)) start--;
  if (start > 0 && /[-+]/.test(part[start - 1]!)) start--;
  const written = part.slice(start, end);
  let colon = start;
  while (colon > 0 && isSpace(part[colon - 1])) colon--;
  if (!NUMBER.test(written) || part[colon - 1] !== ":") return { text: part.slice(0, end), weight: 1 };
  return { text: part.slice(0, skipSpaceBack(part, colon - 1)), weight: finiteWeight(Number(written), written) };
}

/** The parts of a prompt with their weights, at least one. Leading blanks stay, trailing ones go. @throws FewstepError `prompt-too-many-parts` */
export function splitComposition(prompt: string): readonly WeightedText[] {
  const parts: WeightedText[] = [];
  let from = 0;
  for (const { index } of prompt.matchAll(standaloneWord("AND"))) {
    parts.push(weighted(prompt.slice(from, index)));
    from = index + "AND".length;
    checkLimit("compositionParts", parts.length + 1);
  }
  parts.push(weighted(prompt.slice(from)));
  return parts;
}
