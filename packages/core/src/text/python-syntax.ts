// The two notions of Python that the prompt grammars inherit from their original programs: white space and floating-point literals.

/** Characters of Python's `\s`, to be put inside a character class. JavaScript's \s differs: it has U+FEFF but not U+001C to U+001F and U+0085. */
export const SPACE = String.raw`\t-\r\x1c-\x20\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000`;
const SPACE_CHARACTER = new RegExp(`[${SPACE}]`);

export const isSpace = (character: string | undefined): boolean =>
  character !== undefined && SPACE_CHARACTER.test(character);

/** First index at or after `from` that is no white space. */
export function skipSpace(text: string, from: number): number {
  let at = from;
  while (at < text.length && isSpace(text[at])) at++;
  return at;
}

/** `to` moved left over white space, not beyond `from`. */
export function skipSpaceBack(text: string, to: number, from = 0): number {
  let at = to;
  while (at > from && isSpace(text[at - 1])) at--;
  return at;
}

/** A keyword with no letter, digit or underscore of any script beside it, as `\b` finds it in Python. */
export const standaloneWord = (word: string): RegExp =>
  new RegExp(String.raw`(?<![\p{L}\p{N}_])${word}(?![\p{L}\p{N}_])`, "gu");

const DIGITS = String.raw`\d+(?:_\d+)*`;
const FLOAT = new RegExp(
  String.raw`^[+-]?(?:(?:${DIGITS}\.?|(?:${DIGITS})?\.${DIGITS}|${DIGITS}\.${DIGITS})(?:[eE][+-]?${DIGITS})?|inf(?:inity)?|nan)$`,
  "i",
);

/** What Python's float() reads in ASCII, infinities and NaN included; undefined where it raises. */
export function pythonFloat(text: string): number | undefined {
  const from = skipSpace(text, 0);
  const literal = text.slice(from, skipSpaceBack(text, text.length, from));
  if (!FLOAT.test(literal)) return undefined;
  if (/nan/i.test(literal)) return Number.NaN;
  if (/inf/i.test(literal)) return literal.startsWith("-") ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  return Number(literal.replaceAll("_", ""));
}
