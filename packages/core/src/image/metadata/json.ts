// JSON as other programs write it: NaN and Infinity are accepted, integers keep all their digits, objects are Maps (so no key can
// touch a prototype). A second dialect reads the Python literals Fooocus stores. One pass, no backtracking, named limits.

import { FewstepError } from "../../errors.js";

export type Json = null | boolean | number | bigint | string | readonly Json[] | JsonObject;
export type JsonObject = ReadonlyMap<string, Json>;

/** `python`: '...' strings, tuples, True, False, None. */
export type JsonDialect = "json" | "python";

/** 200 levels: ComfyUI workflows nest about 12 deep. Refused: stack overflow by 100,000 brackets. */
const MAX_DEPTH = 200;

/** 1,000,000 values: the largest real workflows hold some 100,000. Refused: 4 MB of "[],[],[]" blown up to objects. */
const MAX_VALUES = 1_000_000;

/** 400 digits: a double needs at most 309. Refused: integers whose conversion takes quadratic time. */
const MAX_NUMBER_LENGTH = 400;

const WORDS: { readonly [dialect in JsonDialect]: ReadonlyMap<string, Json> } = {
  json: new Map<string, Json>([
    ["null", null],
    ["true", true],
    ["false", false],
    ["NaN", Number.NaN],
    ["Infinity", Number.POSITIVE_INFINITY],
    ["-Infinity", Number.NEGATIVE_INFINITY],
  ]),
  python: new Map<string, Json>([
    ["None", null],
    ["True", true],
    ["False", false],
    ["nan", Number.NaN],
    ["inf", Number.POSITIVE_INFINITY],
    ["-inf", Number.NEGATIVE_INFINITY],
  ]),
};

const QUOTES: { readonly [dialect in JsonDialect]: string } = { json: '"', python: "\"'" };
const LISTS: { readonly [dialect in JsonDialect]: ReadonlyMap<string, string> } = {
  json: new Map([["[", "]"]]),
  python: new Map([
    ["[", "]"],
    ["(", ")"],
  ]),
};
const JSON_ESCAPES: readonly (readonly [string, string])[] = [
  ["n", "\n"],
  ["t", "\t"],
  ["r", "\r"],
  ["b", "\b"],
  ["f", "\f"],
  ["/", "/"],
  ["\\", "\\"],
  ['"', '"'],
];
const ESCAPES: { readonly [dialect in JsonDialect]: ReadonlyMap<string, string> } = {
  json: new Map(JSON_ESCAPES),
  python: new Map([...JSON_ESCAPES, ["'", "'"]]),
};
/** Letters that begin an escape in hexadecimal, and how many digits follow. */
const HEX_ESCAPES: { readonly [dialect in JsonDialect]: ReadonlyMap<string, number> } = {
  json: new Map([["u", 4]]),
  python: new Map([
    ["u", 4],
    ["x", 2],
  ]),
};

type State = { readonly text: string; readonly dialect: JsonDialect; at: number; values: number };

/** Reads the whole text. Errors: `json-broken`, `json-limit`. */
export function parseJson(text: string, dialect: JsonDialect = "json"): Json {
  const state: State = { text, dialect, at: text.startsWith("\ufeff") ? 1 : 0, values: 0 };
  const value = readValue(state, 0);
  skipSpace(state);
  if (state.at < text.length) throw broken(state, "the end");
  return value;
}

/** Reads the value that begins at `at` and tells where it ends. Errors as for `parseJson`. */
export function parseJsonAt(text: string, at: number): { readonly value: Json; readonly end: number } {
  const state: State = { text, dialect: "json", at, values: 0 };
  const value = readValue(state, 0);
  return { value, end: state.at };
}

function readValue(state: State, depth: number): Json {
  if (depth > MAX_DEPTH || ++state.values > MAX_VALUES) {
    throw new FewstepError({
      code: "json-limit",
      message: "JSON text is too deep or too large",
      found: `character ${state.at}`,
      expected: `at most ${MAX_DEPTH} levels and ${MAX_VALUES} values`,
    });
  }
  skipSpace(state);
  const first = state.text[state.at] ?? "";
  if (first === "{") return readObject(state, depth);
  const close = LISTS[state.dialect].get(first);
  if (close !== undefined) return readList(state, close, depth);
  if (first !== "" && QUOTES[state.dialect].includes(first)) return readString(state, first);
  return readWord(state);
}

function readObject(state: State, depth: number): JsonObject {
  const object = new Map<string, Json>();
  state.at++;
  for (skipSpace(state); state.text[state.at] !== "}"; skipSpace(state)) {
    if (object.size > 0) {
      expect(state, ",");
      skipSpace(state);
    }
    const quote = state.text[state.at] ?? "";
    if (quote === "" || !QUOTES[state.dialect].includes(quote)) throw broken(state, "a key in quotes");
    const key = readString(state, quote);
    skipSpace(state);
    expect(state, ":");
    object.set(key, readValue(state, depth + 1));
  }
  state.at++;
  return object;
}

function readList(state: State, close: string, depth: number): readonly Json[] {
  const list: Json[] = [];
  state.at++;
  for (skipSpace(state); state.text[state.at] !== close; skipSpace(state)) {
    if (list.length > 0) {
      expect(state, ",");
      skipSpace(state);
      // A tuple of one is written (1,).
      if (state.dialect === "python" && state.text[state.at] === close) break;
    }
    list.push(readValue(state, depth + 1));
  }
  state.at++;
  return list;
}

function readString(state: State, quote: string): string {
  const { text, dialect } = state;
  const parts: string[] = [];
  let start = ++state.at;
  for (; text[state.at] !== quote; state.at++) {
    if (state.at >= text.length) throw broken(state, "a closing quote");
    if (text[state.at] !== "\\") continue;
    parts.push(text.slice(start, state.at));
    const letter = text[++state.at] ?? "";
    const digits = HEX_ESCAPES[dialect].get(letter);
    const plain = ESCAPES[dialect].get(letter);
    if (digits !== undefined) {
      const hex = text.slice(state.at + 1, state.at + 1 + digits);
      if (hex.length !== digits || !/^[0-9a-fA-F]*$/.test(hex)) throw broken(state, `${digits} hexadecimal digits`);
      parts.push(String.fromCharCode(Number.parseInt(hex, 16)));
      state.at += digits;
    } else if (plain !== undefined) {
      parts.push(plain);
    } else {
      throw broken(state, "an escape sequence");
    }
    start = state.at + 1;
  }
  parts.push(text.slice(start, state.at));
  state.at++;
  return parts.join("");
}

function readWord(state: State): Json {
  const start = state.at;
  while (state.at < state.text.length && /[\w.+-]/.test(state.text[state.at]!)) state.at++;
  const word = state.text.slice(start, Math.min(state.at, start + MAX_NUMBER_LENGTH + 1));
  const known = WORDS[state.dialect].get(word);
  if (known !== undefined) return known;
  if (word.length > MAX_NUMBER_LENGTH || !/^-?\d+(?:\.\d*)?(?:[eE][+-]?\d+)?$/.test(word)) {
    state.at = start;
    throw broken(state, "a value");
  }
  const number = Number(word);
  return /^-?\d+$/.test(word) && !Number.isSafeInteger(number) ? BigInt(word) : number;
}

function skipSpace(state: State): void {
  while (state.at < state.text.length && " \t\r\n".includes(state.text[state.at]!)) state.at++;
}

function expect(state: State, character: string): void {
  if (state.text[state.at] !== character) throw broken(state, `"${character}"`);
  state.at++;
}

function broken(state: State, expected: string): FewstepError {
  return new FewstepError({
    code: "json-broken",
    message: "text is not valid JSON",
    found: `${JSON.stringify(state.text.slice(state.at, state.at + 20))} at character ${state.at}`,
    expected,
  });
}
