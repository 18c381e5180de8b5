// Emphasis as compel reads it: + multiplies by 1.1, - by 0.9, each as often as written, behind a word, a bracket or a quote; a number behind a
// bracket or a quote is its weight. Weights multiply inwards. A bracket whose inside breaks the rules is part of a plain word.
import { checkLimit, finiteWeight } from "./prompt-limits.js";
import type { WeightedText } from "./weighted-text.js";

const PLUS = 1.1;
const MINUS = 0.9;

/** A word of no syntax: escapes, a sign that a letter follows, any other character. */
const WORD = /(?:\\[()",.+\-=]|[-+](?![\s(),.+\-="]|$)|-\d|[^\s()",.+\-=])+/y;
const OPERATOR = /\++|-+|[+-]?(?:\d+\.\d*|\.\d+)|-?\d+/y;
const SIGNS = /\++|-+/y;
const SPACE = /\s+/y;
const QUOTED = /"((?:\\"|[^"])*)"/y;

function match(pattern: RegExp, text: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at;
  return pattern.exec(text);
}

/** Places of `(` whose inside keeps to the rules -> place of its `)`. One pass: a breach breaks every bracket around it. */
function groupsOf(text: string): ReadonlyMap<number, number> {
  const close = new Map<number, number>();
  const open: number[] = [];
  for (let at = 0; at < text.length; ) {
    const character = text[at]!;
    const piece = match(WORD, text, at) ?? match(SPACE, text, at);
    if (piece !== null) {
      at += piece[0].length;
      const signs = open.length > 0 && piece[0].trim() !== "" ? match(SIGNS, text, at) : null;
      at += signs?.[0].length ?? 0;
      continue;
    }
    if (character === "(") {
      open.push(at);
      checkLimit("depth", open.length);
    } else if (character === ")") {
      const start = open.pop();
      if (start !== undefined) {
        close.set(start, at);
        at += match(OPERATOR, text, at + 1)?.[0].length ?? 0;
      }
    } else if (character === '"' && open.length > 0) {
      const quote = match(QUOTED, text, at);
      if (quote === null) open.length = 0;
      else {
        at += quote[0].length;
        at += match(OPERATOR, text, at)?.[0].length ?? 0;
        continue;
      }
    } else if (character !== "," && character !== ".") open.length = 0;
    at++;
  }
  return close;
}

/** What an operator multiplies by. */
function factor(operator: string): number {
  const sign = operator[0]!;
  if (/^(?:\++|-+)$/.test(operator)) return (sign === "+" ? PLUS : MINUS) ** operator.length;
  return Number(operator);
}

const unescaped = (text: string): string => text.replace(/\\([()"])/g, "$1");

function joined(pieces: readonly WeightedText[]): readonly WeightedText[] {
  const runs: { readonly texts: string[]; readonly weight: number }[] = [];
  for (const { text, weight } of pieces) {
    const last = runs.at(-1);
    if (last !== undefined && last.weight === weight) last.texts.push(text);
    else runs.push({ texts: [text], weight });
  }
  return runs.map(({ texts, weight }) => ({ text: texts.join(" "), weight }));
}

/** A stretch of text to read: at the top a stray bracket is a word, inside a group there is none. */
interface Span {
  readonly from: number;
  readonly to: number;
  readonly weight: number;
  readonly top: boolean;
}

/** Texts with weights; neighbours of equal weight are one, with a blank between. Empty for a blank prompt. */
export function parseCompelFragments(text: string): readonly WeightedText[] {
  const groups = groupsOf(text);
  const out: WeightedText[] = [];
  const add = (piece: string, weight: number): void => {
    out.push({ text: unescaped(piece), weight: finiteWeight(weight, piece) });
  };
  const spans: Span[] = [{ from: 0, to: text.length, weight: 1, top: true }];
  for (let span = spans.pop(); span !== undefined; span = spans.pop()) {
    const { to, weight, top } = span;
    let at = span.from;
    while (at < to) {
      const space = match(SPACE, text, at);
      if (space !== null) {
        at += space[0].length;
        continue;
      }
      const close = groups.get(at);
      const quote = close === undefined && text[at] === '"' ? match(QUOTED, text, at) : null;
      if (close !== undefined) {
        const operator = match(OPERATOR, text, close + 1)?.[0];
        const inner = weight * (operator === undefined ? 1 : factor(operator));
        spans.push({ from: close + 1 + (operator?.length ?? 0), to, weight, top });
        spans.push({ from: at + 1, to: close, weight: finiteWeight(inner, operator ?? ""), top: false });
        break;
      }
      if (quote !== null) {
        at += quote[0].length;
        const operator = match(OPERATOR, text, at)?.[0];
        at += operator?.length ?? 0;
        const inner = weight * (operator === undefined ? 1 : factor(operator));
        // a quote inside a quote is escaped, so this goes one level deep
        for (const piece of parseCompelFragments(quote[1]!)) add(piece.text, piece.weight * inner);
        continue;
      }
      const word = match(WORD, text, at)?.[0];
      const signs = word === undefined ? undefined : match(SIGNS, text, at + word.length)?.[0];
      if (word !== undefined && signs !== undefined) {
        add(word, weight * factor(signs));
        at += word.length + signs.length;
      } else if (word !== undefined && !top) {
        add(word, weight);
        at += word.length;
      } else if (top) {
        const free = match(/\S+/y, text, at)![0];
        add(free, weight);
        at += free.length;
      } else {
        add(text[at]!, weight); // a comma or a full stop
        at++;
      }
    }
  }
  return joined(out);
}
