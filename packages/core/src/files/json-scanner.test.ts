import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { FewstepError } from "../errors.js";
import { type JsonDialect, MAX_JSON_DEPTH, parseJson } from "./json-scanner.js";

const DIALECT: JsonDialect = { subject: "text", syntaxCode: "bad-json", duplicateCode: "duplicate-key" };
const parse = (text: string, pythonNumbers = false) => parseJson(text, { ...DIALECT, pythonNumbers });
const codeOf = (text: string) => {
  try {
    parse(text);
    return "accepted";
  } catch (error) {
    if (error instanceof FewstepError) return error.code;
    throw error;
  }
};

it("agrees with JSON.parse on any value", () => {
  fc.assert(
    fc.property(fc.jsonValue({ stringUnit: "grapheme" }), fc.constantFrom(undefined, 1, "\t"), (value, space) => {
      const text = JSON.stringify(value, null, space);
      expect(JSON.stringify(parse(text))).toBe(JSON.stringify(JSON.parse(text)));
    }),
    { seed: 7, numRuns: 2_000 },
  );
});

it("accepts and refuses the same damaged texts as JSON.parse (but for duplicate keys and lone surrogates)", () => {
  const start = '{"a":[1,-2.5e3,true,null,"x\\u00e9\\n"],"b":{"c":""}}';
  fc.assert(
    fc.property(
      fc.nat(start.length - 1),
      fc.constantFrom(...'{}[]",:0-.eE\\ut \n'),
      fc.boolean(),
      (at, character, insert) => {
        const text = start.slice(0, at) + character + start.slice(at + (insert ? 0 : 1));
        let accepted = true;
        try {
          JSON.parse(text);
        } catch {
          accepted = false;
        }
        expect(codeOf(text), text).toBe(accepted ? "accepted" : "bad-json");
      },
    ),
    { seed: 7, numRuns: 5_000 },
  );
});

describe("differs from JSON.parse", () => {
  it("refuses duplicate keys, also when one is escaped", () => {
    expect(codeOf('{"a":1,"a":2}')).toBe("duplicate-key");
    expect(codeOf('{"a":1,"\\u0061":2}')).toBe("duplicate-key");
    expect(codeOf('{"x":{"a":1},"y":{"a":2}}')).toBe("accepted");
  });

  it("refuses lone surrogates and joins pairs", () => {
    for (const text of ['"\\ud800"', '"\\udc00"', '"\\ud800\\u0041"', '"\\ud800x"'])
      expect(codeOf(text)).toBe("bad-json");
    expect(parse('"\\ud83d\\ude00"')).toBe("\ud83d\ude00");
  });

  it("bounds depth", () => {
    const nested = (depth: number) => "[".repeat(depth) + "]".repeat(depth);
    expect(codeOf(nested(MAX_JSON_DEPTH))).toBe("accepted");
    expect(codeOf(nested(MAX_JSON_DEPTH + 2))).toBe("bad-json");
    expect(codeOf("[".repeat(1e6))).toBe("bad-json");
  });

  it("keeps no prototype: __proto__ is a key like another", () => {
    const value = parse('{"__proto__":{"polluted":true},"constructor":1}') as Record<string, unknown>;
    expect(Object.getPrototypeOf(value)).toBeNull();
    expect(Object.keys(value)).toEqual(["__proto__", "constructor"]);
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });

  it("takes Python's numbers when asked to, and only then", () => {
    expect(parse('{"a":[NaN,Infinity,-Infinity,-1]}', true)).toEqual(
      Object.assign(Object.create(null), { a: [Number.NaN, Infinity, -Infinity, -1] }),
    );
    for (const word of ["NaN", "Infinity", "-Infinity", "nan", "undefined"]) expect(codeOf(word)).toBe("bad-json");
  });
});

it("says at which byte the text stops being JSON", () => {
  expect(() => parse('["\u00e9",x]')).toThrow(/text is not JSON at byte 6\n {2}found: "x]"/);
  expect(() => parse("")).toThrow(/byte 0\n {2}found: the end/);
});

it("is linear: strings, numbers and white space of megabytes take no time", () => {
  const started = performance.now();
  const long = 5_000_000;
  for (const text of [
    `"${"a".repeat(long)}"`,
    "1".repeat(long),
    " ".repeat(long),
    `"${"\\n".repeat(long / 10)}`,
    "-".repeat(long),
  ])
    codeOf(text);
  expect(performance.now() - started).toBeLessThan(5_000);
});
