import { expect, test } from "vitest";
import { parseCompelFragments } from "./compel-fragments.js";
import { parseCompel } from "./compel-syntax.js";

const pairs = (text: string) => parseCompelFragments(text).map(({ text: piece, weight }) => [piece, weight]);

test.each([
  [
    "well-known cat+",
    [
      ["well-known", 1],
      ["cat", 1.1],
    ],
  ],
  [
    "cat+, dog",
    [
      ["cat", 1.1],
      [", dog", 1],
    ],
  ],
  ["cat,dog+", [["cat,dog+", 1]]],
  ["a + b", [["a + b", 1]]],
  ["(red, cat)1.2", [["red , cat", 1.2]]],
  [
    '"red cat"- b',
    [
      ["red cat", 0.9],
      ["b", 1],
    ],
  ],
  [
    "(a (b)+)+ c",
    [
      ["a", 1.1],
      ["b", 1.2100000000000002],
      ["c", 1],
    ],
  ],
  ["(a = b)+ c", [["(a = b)+ c", 1]]],
  [
    "(open cat+",
    [
      ["(open", 1],
      ["cat", 1.1],
    ],
  ],
  [
    "a) cat+",
    [
      ["a)", 1],
      ["cat", 1.1],
    ],
  ],
  ["", []],
])("%s", (text, expected) => {
  expect(pairs(text)).toEqual(expected);
});

test("operators: unnormalised blend, default weights, weights inside terms", () => {
  expect(parseCompel('("a", "b").blend(2, 1, no_normalize)')).toMatchObject([{ shares: [2, 1], normalise: false }]);
  expect(parseCompel('("a+", (b c)1.5).blend()')).toEqual([
    {
      weight: 1,
      prompts: [[{ text: "a", weight: 1.1 }], [{ text: "b c", weight: 1.5 }]],
      shares: [1, 1],
      normalise: true,
    },
  ]);
  expect(parseCompel('("a, b", "c").and()')).toHaveLength(2);
});

test.each([
  '("a", "b").blend(1)',
  '("a", "b").blend(1, x)',
  '("a", "b").blend(1, -1)',
  '("a", "b").and(1e9, 1)',
  '("cat").swap(dog)',
  "(cat).attend(1.2)",
  "a withLora(x, 1)",
])("%s is refused by name", (text) => {
  expect(() => parseCompel(text)).toThrow(/operator|weights of a blend/);
});
