// The grammar of A1111's generation text: prompt, "Negative prompt:", and a last line of `Key: value, Key: value` pairs.
// Definition: stable-diffusion-webui, modules/infotext_utils.py. Written as a scanner: its time is linear in the text.

import { FewstepError } from "../../errors.js";
import { parseJson, parseJsonAt } from "./json.js";
import type { Pairs } from "./settings.js";

export type InfoText = { readonly prompt: string; readonly negative: string; readonly pairs: Pairs };

/** A last line with fewer pairs belongs to the prompt. */
const MIN_PAIRS = 3;

/** Values that begin like JSON and are none: after so many, brackets are plain text, which keeps the time linear. */
const MAX_FAILED_JSON = 16;

const NEGATIVE = "Negative prompt:";
const WORD = /[\p{L}\p{N}_]/u;
const KEY = /[\p{L}\p{N}_ \-/]/u;

/** Splits a generation text. Any text is accepted: one without pairs is a prompt. */
export function parseInfoText(raw: string): InfoText {
  const { head, tail } = splitLastLine(raw.trim().replaceAll("\r\n", "\n"));
  const pairs = parsePairs(tail);
  const known = pairs.length >= MIN_PAIRS;
  const lines = (known ? head : [head, tail].filter((part) => part !== "").join("\n")).split("\n");
  const parts: { readonly prompt: string[]; readonly negative: string[] } = { prompt: [], negative: [] };
  let target = parts.prompt;
  for (const line of lines) {
    // A1111 strips every line; here spaces stay, since the text is handed on as it was written.
    const start = line.trimStart();
    if (start.startsWith(NEGATIVE)) {
      target = parts.negative;
      target.push(start.slice(NEGATIVE.length).trimStart());
    } else {
      target.push(line);
    }
  }
  return { prompt: joined(parts.prompt), negative: joined(parts.negative), pairs: known ? pairs : [] };
}

/** Lines with line breaks between, but for empty ones in front. */
function joined(lines: readonly string[]): string {
  const first = lines.findIndex((line) => line.trim() !== "");
  return first < 0 ? "" : lines.slice(first).join("\n");
}

/**
 * The last line, and what stands before it. Some sites put everything on one line: then "Steps: <number>," begins the pairs and
 * "Negative prompt:" the negative one.
 */
function splitLastLine(text: string): { readonly head: string; readonly tail: string } {
  const start = text.lastIndexOf("\n") + 1;
  const last = text.slice(start);
  const usual = { head: text.slice(0, Math.max(0, start - 1)), tail: last };
  const steps = last.startsWith("Steps: ") ? 0 : findSteps(last);
  if (steps <= 0 || parsePairs(last.slice(steps)).length < MIN_PAIRS) return usual;
  const before = last.slice(0, steps).trim();
  const negative = before.indexOf(NEGATIVE);
  // A comma in front says that "Steps" is one pair among others, unless a negative prompt shows that it is not.
  if (negative < 0 && before.endsWith(",")) return usual;
  const split = negative > 0 ? `${before.slice(0, negative).trim()}\n${before.slice(negative)}` : before;
  return { head: text.slice(0, start) + split, tail: last.slice(steps) };
}

/** Where the last "Steps: <digits>," begins that is neither part of a word nor "Hires Steps"; -1 if there is none. */
function findSteps(line: string): number {
  for (let at = line.lastIndexOf("Steps: "); at >= 0; at = at === 0 ? -1 : line.lastIndexOf("Steps: ", at - 1)) {
    const alone = at === 0 || !(WORD.test(line[at - 1]!) || line.slice(Math.max(0, at - 6), at) === "Hires ");
    if (alone && /^\d{1,5},/.test(line.slice(at + 7, at + 13))) return at;
  }
  return -1;
}

/** The pairs of one line. */
export function parsePairs(line: string): Pairs {
  const pairs: (readonly [string, string])[] = [];
  let failedJson = 0;
  let keyStart = -1;
  for (let at = 0; at < line.length; at++) {
    const character = line[at]!;
    if (character === ":" && keyStart >= 0 && at - keyStart >= 2) {
      const key = line.slice(keyStart, at);
      const { value, end, failed } = readPairValue(line, at + 1, failedJson < MAX_FAILED_JSON);
      if (failed) failedJson++;
      pairs.push([key, value]);
      at = end;
      keyStart = -1;
    } else if (keyStart < 0) {
      if (WORD.test(character)) keyStart = at;
    } else if (!KEY.test(character)) {
      keyStart = -1;
    }
  }
  return pairs;
}

/** The value behind a colon: a JSON string, bare JSON (Civitai's additions), or text up to the comma. `end` is the comma's place. */
function readPairValue(
  line: string,
  from: number,
  tryJson: boolean,
): { readonly value: string; readonly end: number; readonly failed: boolean } {
  let at = from;
  while (line[at] === " " || line[at] === "\t") at++;
  const looksJson = line[at] === '"' || line[at] === "{" || line[at] === "[";
  if (looksJson && tryJson) {
    try {
      const { value, end } = parseJsonAt(line, at);
      if (end >= line.length || line[end] === ",") {
        return { value: typeof value === "string" ? value : line.slice(at, end), end, failed: false };
      }
    } catch (error) {
      if (!(error instanceof FewstepError)) throw error;
    }
  }
  const comma = line.indexOf(",", at);
  const end = comma < 0 ? line.length : comma;
  return { value: line.slice(at, end).trimEnd(), end, failed: looksJson };
}

/** A value as it is written: in quotes where a comma, colon, quote or line break would mislead. */
export function quotePairValue(value: string): string {
  return /[,:\n"]/.test(value) || value !== value.trim() ? JSON.stringify(value) : value;
}

/** `name: hash, name: hash`, the form of "Lora hashes" and "TI hashes". */
export function parseHashList(text: string): ReadonlyMap<string, string> {
  const hashes = new Map<string, string>();
  for (const item of text.split(",")) {
    const colon = item.lastIndexOf(":");
    if (colon > 0) hashes.set(item.slice(0, colon).trim(), item.slice(colon + 1).trim());
  }
  return hashes;
}

/** Bare JSON among the pairs, or undefined where it is none. */
export function parsePairJson(text: string | undefined): ReturnType<typeof parseJson> | undefined {
  if (text === undefined) return undefined;
  try {
    return parseJson(text);
  } catch (error) {
    if (error instanceof FewstepError) return undefined;
    throw error;
  }
}
