import { describe, expect, test } from "vitest";
import { FewstepError } from "../../errors.js";
import { type Json, parseJson, parseJsonAt } from "./json.js";
import { numberOf, parseNumber, seedOf, writeJson } from "./json-fields.js";

const plain = (value: Json): unknown =>
  value instanceof Map
    ? Object.fromEntries(Array.from(value, ([key, item]) => [key, plain(item)]))
    : Array.isArray(value)
      ? value.map(plain)
      : value;
const codeOf = (text: string, dialect?: "json" | "python"): string => {
  try {
    parseJson(text, dialect);
  } catch (error) {
    if (error instanceof FewstepError) return error.code;
    throw error;
  }
  return "none";
};

describe("parseJson", () => {
  test.each([
    [
      "{}",
      "[]",
      " [ 1 , 2.5e-3 , -0 ] ",
      '{"a":{"b":[true,false,null]},"c":""}',
      '"\\u2602\\n\\"\\\\\\/"',
      '"😺"',
      "12",
      "1E5",
    ],
  ])("agrees with JSON.parse", (...texts) => {
    for (const text of texts) expect(plain(parseJson(text))).toEqual(JSON.parse(text));
  });

  test("keeps what JSON.parse loses or refuses", () => {
    expect(parseJson("18446744073709551615")).toBe(18446744073709551615n);
    expect(parseJson("9007199254740991")).toBe(9007199254740991);
    expect(parseJson("[NaN, Infinity, -Infinity]")).toEqual([Number.NaN, Infinity, -Infinity]);
    const object = parseJson('{"__proto__": {"polluted": 1}, "constructor": 2}') as ReadonlyMap<string, Json>;
    expect([...object.keys()]).toEqual(["__proto__", "constructor"]);
    expect(({} as { polluted?: number }).polluted).toBeUndefined();
  });

  test.each([
    "",
    "{",
    "[1,]",
    '{"a":1,}',
    "{a:1}",
    '"open',
    '"\\x41"',
    '"\\u12"',
    "tru",
    "01a",
    "+1",
    "- 1",
    "1 2",
    "[1 2]",
    "'a'",
    "None",
  ])("%j is broken", (text) => expect(codeOf(text)).toBe("json-broken"));

  test("limits", () => {
    expect(codeOf("[".repeat(100_000))).toBe("json-limit");
    expect(codeOf('{"a":'.repeat(100_000))).toBe("json-limit");
    expect(codeOf(`[${"1,".repeat(1_000_001)}1]`)).toBe("json-limit");
    expect(codeOf("9".repeat(1_000_000))).toBe("json-broken");
  });

  test("Python literals", () => {
    expect(parseJson("(1152, 896)", "python")).toEqual([1152, 896]);
    expect(parseJson(`['Fooocus V2', "it's", 'a\\'b', None, True, (1,), ()]`, "python")).toEqual([
      "Fooocus V2",
      "it's",
      "a'b",
      null,
      true,
      [1],
      [],
    ]);
    expect(codeOf("__import__('os')", "python")).toBe("json-broken");
    expect(codeOf("true", "python")).toBe("json-broken");
  });

  test("a value inside other text", () => {
    expect(parseJsonAt('x {"a": [1]}, y', 2)).toEqual({ value: new Map([["a", [1]]]), end: 12 });
  });
});

test("fields by type", () => {
  expect(["1", " -2.5 ", "+.5", "1e3", "", "nan", "0x10", "Infinity", "1e999", "1,5"].map(parseNumber)).toEqual([
    1,
    -2.5,
    0.5,
    1000,
    undefined,
    undefined,
    undefined,
    undefined,
    undefined,
    undefined,
  ]);
  expect([numberOf(Number.NaN), numberOf("0.5"), numberOf(true)]).toEqual([undefined, 0.5, undefined]);
  expect([seedOf(2n ** 64n - 1n), seedOf(7), seedOf("-1"), seedOf(0.5), seedOf("abc"), seedOf(2 ** 60)]).toEqual([
    "18446744073709551615",
    "7",
    "-1",
    undefined,
    undefined,
    undefined,
  ]);
});

test("writeJson is ASCII and reads back the same", () => {
  const text = '{"a": [1, 2.5, 18446744073709551615, null, true], "\\u8336": "\\ud83d\\ude3a\\n"}';
  expect(writeJson(parseJson(text))).toBe(text);
  expect(writeJson([Number.NaN])).toBe("[NaN]");
});
