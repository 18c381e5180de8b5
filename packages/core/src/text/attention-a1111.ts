// Emphasis as AUTOMATIC1111's webui reads it: (a) is 1.1, [a] is 1 / 1.1, (a:1.2), nesting multiplies, \( is a bracket, BREAK.
// Definition: parse_prompt_attention of modules/prompt_parser.py. A bracket without a partner counts as closed at the end.
import { checkLimit, finiteWeight } from "./prompt-limits.js";
import { SPACE, skipSpace, skipSpaceBack, standaloneWord } from "./python-syntax.js";
import { BREAK, type WeightedText } from "./weighted-text.js";

const ROUND = 1.1;
const SQUARE = 1 / 1.1;

/** An escape, a bracket, a colon with its weight and bracket, a run of other text, a lone colon. */
const TOKEN = new RegExp(String.raw`\\[()[\]\\]|\\|[([\])]|:[${SPACE}]*([+-]?[.\d]+)[${SPACE}]*\)|[^\\()[\]:]+|:`, "g");

type Piece = { text: string; weight: number };

/** `text` split at the word BREAK, blanks around it taken off. */
function splitAtBreak(text: string): readonly string[] {
  if (!text.includes(BREAK.text)) return [text];
  const parts: string[] = [];
  let from = 0;
  for (const { index } of text.matchAll(standaloneWord("BREAK"))) {
    parts.push(text.slice(from, skipSpaceBack(text, index, from)));
    from = skipSpace(text, index + BREAK.text.length);
  }
  parts.push(text.slice(from));
  return parts;
}

function writtenWeight(written: string): number {
  return finiteWeight(/^[+-]?(?:\d+\.?\d*|\.\d+)$/.test(written) ? Number(written) : Number.NaN, written);
}

/** Multiplies every piece from `from` on. At most once a bracket, and brackets nest at most PROMPT_LIMITS.depth deep. */
function multiply(pieces: readonly Piece[], from: number, factor: number): void {
  for (let i = from; i < pieces.length; i++) pieces[i]!.weight *= factor;
}

function merged(pieces: readonly Piece[]): readonly WeightedText[] {
  const out: Piece[] = [];
  for (const piece of pieces) {
    const last = out.at(-1);
    if (last !== undefined && last.weight === piece.weight) last.text += piece.text;
    else out.push(piece);
  }
  return out;
}

/**
 * Splits a prompt into texts with weights; neighbours of equal weight are one. Never empty.
 * @throws FewstepError `prompt-weight-invalid` for a weight like 1.2.3 or an infinite product, `prompt-too-deep`
 */
export function parseA1111Attention(prompt: string): readonly WeightedText[] {
  const pieces: Piece[] = [];
  const round: number[] = [];
  const square: number[] = [];
  for (const [token, weight] of prompt.matchAll(TOKEN)) {
    if (token.startsWith("\\")) pieces.push({ text: token.slice(1), weight: 1 });
    else if (token === "(") round.push(pieces.length);
    else if (token === "[") square.push(pieces.length);
    else if (weight !== undefined && round.length > 0) multiply(pieces, round.pop()!, writtenWeight(weight));
    else if (token === ")" && round.length > 0) multiply(pieces, round.pop()!, ROUND);
    else if (token === "]" && square.length > 0) multiply(pieces, square.pop()!, SQUARE);
    else
      for (const [i, text] of splitAtBreak(token).entries()) {
        if (i > 0) pieces.push({ ...BREAK });
        pieces.push({ text, weight: 1 });
      }
    checkLimit("depth", round.length + square.length);
  }
  for (const from of round) multiply(pieces, from, ROUND);
  for (const from of square) multiply(pieces, from, SQUARE);
  for (const { text, weight } of pieces) finiteWeight(weight, text);
  return pieces.length === 0 ? [{ text: "", weight: 1 }] : merged(pieces);
}
