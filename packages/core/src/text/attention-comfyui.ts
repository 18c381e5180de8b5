// Emphasis as ComfyUI reads it: (a) is 1.1 times what is around it, (a:1.2) is exactly 1.2, \( and \) are brackets, nothing else means
// anything. Definition: token_weights of comfy/sd1_clip.py, which reads every level anew; here each bracket is paired once.
import { checkLimit, finiteWeight } from "./prompt-limits.js";
import { pythonFloat } from "./python-syntax.js";
import type { WeightedText } from "./weighted-text.js";

const ROUND = 1.1;
/** Partner of a bracket that is text: `)` with nothing open, and the `(` that makes up for it. */
const LITERAL = -1;

interface Brackets {
  /** Place of `(` -> place of its `)`, LITERAL, or the prompt's length if it stays open. */
  readonly partner: ReadonlyMap<number, number>;
  /** Place of `)` -> place of the last colon after the bracket before it. */
  readonly colon: ReadonlyMap<number, number>;
}

function pairBrackets(prompt: string): Brackets {
  const partner = new Map<number, number>();
  const colonBefore = new Map<number, number>();
  const open: number[] = [];
  let debt = 0; // closing brackets that closed nothing: so many opening ones are text
  let colon = -1;
  for (let at = 0; at < prompt.length; at++) {
    const character = prompt[at];
    const escaped = prompt[at - 1] === "\\";
    if (character === ":") colon = at;
    else if (character === "(" && !escaped) {
      if (open.length === 0 && debt > 0) {
        debt--;
        partner.set(at, LITERAL);
      } else {
        open.push(at);
        partner.set(at, prompt.length);
        checkLimit("depth", open.length);
      }
    } else if (character === ")" && !escaped) {
      if (colon >= 0) colonBefore.set(at, colon);
      colon = -1;
      const start = open.pop();
      if (start === undefined) debt++;
      else partner.set(start, at);
    }
  }
  return { partner, colon: colonBefore };
}

type Span = { readonly from: number; readonly to: number; readonly weight: number };

/** The inside of the group between two brackets: what a trailing `:number` says, or 1.1 times the weight around. */
function inside(prompt: string, { colon }: Brackets, open: number, close: number, around: number): Span {
  const at = colon.get(close);
  if (at !== undefined && at > open + 1) {
    const written = prompt.slice(at + 1, close);
    const weight = pythonFloat(written);
    if (weight !== undefined) return { from: open + 1, to: at, weight: finiteWeight(weight, written) };
  }
  return { from: open + 1, to: close, weight: finiteWeight(around * ROUND, prompt.slice(open, close + 1)) };
}

const unescaped = (text: string): string => text.replace(/\\([()])/g, "$1");

/**
 * Splits a prompt into texts with weights, empty for an empty prompt. Neighbours are not joined.
 * @throws FewstepError `prompt-weight-invalid` for (a:inf) and (a:nan), `prompt-too-deep`
 */
export function parseComfyuiAttention(prompt: string): readonly WeightedText[] {
  const brackets = pairBrackets(prompt);
  const opens = [...brackets.partner].filter(([, close]) => close !== LITERAL).map(([open]) => open);
  const out: WeightedText[] = [];
  const text = (from: number, to: number, weight: number): void => {
    if (to > from) out.push({ text: unescaped(prompt.slice(from, to)), weight });
  };
  const spans: Span[] = [{ from: 0, to: prompt.length, weight: 1 }];
  let next = 0; // brackets are met in order, whatever the nesting
  for (let span = spans.pop(); span !== undefined; span = spans.pop()) {
    const { from, to, weight } = span;
    while (next < opens.length && opens[next]! < from) next++;
    const open = opens[next];
    if (open === undefined || open >= to) {
      text(from, to, weight);
      continue;
    }
    text(from, open, weight);
    const close = brackets.partner.get(open)!;
    if (close < to) {
      spans.push({ from: close + 1, to, weight }, inside(prompt, brackets, open, close, weight));
      next++;
    } else if (to - open >= 2 && prompt[to - 1] === ")" && prompt[to - 2] !== "\\") {
      // left open, but its text ends in a bracket: read as if that closed it
      spans.push(inside(prompt, brackets, open, to - 1, weight));
      next++;
    } else text(open, to, weight);
  }
  return out;
}
