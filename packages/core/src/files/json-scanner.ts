// A strict JSON reader (RFC 8259) for text out of untrusted files. Unlike JSON.parse it refuses duplicate keys and lone surrogates, keeps
// numbers as written, bounds depth, and lets the caller read members as they come, so that its own limits act before anything is built.
// One pass, linear time. Positions in messages are UTF-8 bytes from the start of the text.
import { FewstepError } from "../errors.js";
import { showName } from "./show-name.js";

/** A JSON value; objects have no prototype, so no key is special. */
export type JsonValue = null | boolean | number | string | readonly JsonValue[] | JsonObject;
export interface JsonObject {
  readonly [key: string]: JsonValue;
}

export interface JsonDialect {
  /** Error codes of this reader's caller. */
  readonly syntaxCode: string;
  readonly duplicateCode: string;
  /** What the text is, for messages: "header", "model_index.json". */
  readonly subject: string;
  /** Accept NaN, Infinity and -Infinity, which Python's json module writes into configs. Default false. */
  readonly pythonNumbers?: boolean;
}

/** The deepest real file read here nests about 10 deep; refuses `[[[[...`, which would exhaust the stack. */
export const MAX_JSON_DEPTH = 64;

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what JSON forbids in strings
const STRING_STOP = /["\\\u0000-\u001f]/g;
const NUMBER = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y;
const WORD = /[A-Za-z-]+/y;
const WORDS: ReadonlyMap<string, JsonValue> = new Map([
  ["null", null],
  ["true", true],
  ["false", false],
]);
const PYTHON_WORDS: ReadonlyMap<string, JsonValue> = new Map<string, JsonValue>([
  ...WORDS,
  ["NaN", Number.NaN],
  ["Infinity", Infinity],
  ["-Infinity", -Infinity],
]);
const ESCAPES: ReadonlyMap<string, string> = new Map([
  ['"', '"'],
  ["\\", "\\"],
  ["/", "/"],
  ["b", "\b"],
  ["f", "\f"],
  ["n", "\n"],
  ["r", "\r"],
  ["t", "\t"],
]);

export class JsonScanner {
  readonly #text: string;
  readonly #dialect: JsonDialect;
  #at = 0;

  constructor(text: string, dialect: JsonDialect) {
    this.#text = text;
    this.#dialect = dialect;
  }

  /** The next character that is not white space; "" at the end. */
  peek(): string {
    for (;;) {
      const code = this.#text.charCodeAt(this.#at);
      if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) return this.#text.charAt(this.#at);
      this.#at++;
    }
  }

  /** Refuses anything but white space in the rest. */
  end(): void {
    if (this.peek() !== "") throw this.unexpected("the end");
  }

  /** A number exactly as written: `12`, `-1`, `1.5e3`. */
  numberText(): string {
    this.peek();
    NUMBER.lastIndex = this.#at;
    const found = NUMBER.exec(this.#text);
    if (found === null) throw this.unexpected("a number");
    this.#at += found[0].length;
    return found[0];
  }

  string(): string {
    this.#expect('"', "a string");
    let value = "";
    for (;;) {
      STRING_STOP.lastIndex = this.#at;
      const stop = STRING_STOP.exec(this.#text)?.index ?? this.#text.length;
      value += this.#text.slice(this.#at, stop);
      this.#at = stop;
      const next = this.#text.charAt(stop);
      if (next === "\\") value += this.#escape();
      else if (next === '"') break;
      else throw this.unexpected("the end of the string");
    }
    this.#at++;
    return value;
  }

  /** Reads an object, calling `member` with each key once the scanner stands at its value, which `member` must read. */
  object(member: (key: string) => void): void {
    const seen = new Set<string>();
    this.#expect("{", "an object");
    if (this.#accept("}")) return;
    do {
      const key = this.string();
      if (seen.has(key)) throw this.#duplicate(key);
      seen.add(key);
      this.#expect(":", "':'");
      member(key);
    } while (this.#accept(","));
    this.#expect("}", "',' or '}'");
  }

  /** Reads an array, calling `item` with each index once the scanner stands at the item, which `item` must read. */
  array(item: (index: number) => void): void {
    this.#expect("[", "an array");
    if (this.#accept("]")) return;
    let index = 0;
    do item(index++);
    while (this.#accept(","));
    this.#expect("]", "',' or ']'");
  }

  /** Any value. Numbers become doubles. */
  value(depth = 0): JsonValue {
    if (depth > MAX_JSON_DEPTH) throw this.unexpected(`at most ${MAX_JSON_DEPTH} levels of nesting`);
    const first = this.peek();
    if (first === '"') return this.string();
    if (first === "{") {
      const members: Record<string, JsonValue> = Object.create(null);
      this.object((key) => {
        members[key] = this.value(depth + 1);
      });
      return members;
    }
    if (first === "[") {
      const items: JsonValue[] = [];
      this.array(() => {
        items.push(this.value(depth + 1));
      });
      return items;
    }
    const word = this.#word();
    return word === undefined ? Number(this.numberText()) : word;
  }

  /** The error for what stands here, where `expected` should. */
  unexpected(expected: string): FewstepError {
    const { syntaxCode, subject } = this.#dialect;
    const rest = this.#text.slice(this.#at, this.#at + 20);
    return new FewstepError({
      code: syntaxCode,
      message: `${subject} is not JSON at byte ${new TextEncoder().encode(this.#text.slice(0, this.#at)).length}`,
      found: rest === "" ? "the end" : showName(rest),
      expected,
    });
  }

  #word(): JsonValue | undefined {
    WORD.lastIndex = this.#at;
    const word = WORD.exec(this.#text)?.[0] ?? "";
    const value = (this.#dialect.pythonNumbers ? PYTHON_WORDS : WORDS).get(word);
    if (value !== undefined) this.#at += word.length;
    return value;
  }

  #accept(character: string): boolean {
    if (this.peek() !== character) return false;
    this.#at++;
    return true;
  }

  #expect(character: string, expected: string): void {
    if (!this.#accept(character)) throw this.unexpected(expected);
  }

  #duplicate(key: string): FewstepError {
    const { duplicateCode, subject } = this.#dialect;
    return new FewstepError({
      code: duplicateCode,
      message: `${subject} has the key ${showName(key)} twice`,
      hint: "readers differ in which of the two they take, so neither is taken: get the file again from its author",
    });
  }

  #escape(): string {
    const letter = this.#text.charAt(this.#at + 1);
    const plain = ESCAPES.get(letter);
    if (plain !== undefined) {
      this.#at += 2;
      return plain;
    }
    const unit = this.#unit();
    if (unit < 0xd800 || unit > 0xdfff) return String.fromCharCode(unit);
    const low = unit <= 0xdbff ? this.#unit() : 0;
    if (low < 0xdc00 || low > 0xdfff) throw this.unexpected("a whole surrogate pair before this");
    return String.fromCharCode(unit, low);
  }

  #unit(): number {
    const digits = /^\\u[0-9a-fA-F]{4}$/.exec(this.#text.slice(this.#at, this.#at + 6));
    if (digits === null) throw this.unexpected("an escape such as \\n or \\u0041");
    this.#at += 6;
    return Number.parseInt(digits[0].slice(2), 16);
  }
}

/** The whole text as one JSON value. */
export function parseJson(text: string, dialect: JsonDialect): JsonValue {
  const scanner = new JsonScanner(text, dialect);
  const value = scanner.value();
  scanner.end();
  return value;
}
