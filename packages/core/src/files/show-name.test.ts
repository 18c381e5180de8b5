import { expect, it } from "vitest";
import { showName } from "./show-name.js";

it.each([
  ["plain.weight", '"plain.weight"'],
  ["", '""'],
  ['a"b\\c', '"a\\"b\\\\c"'],
  ["\u001b[31mred\u0007", '"\\u{1b}[31mred\\u{7}"'],
  ["a\nb\u2028c", '"a\\u{a}b\\u{2028}c"'],
  ["\u202egnp\u200b", '"\\u{202e}gnp\\u{200b}"'],
  ["\ud800", '"\\u{d800}"'],
  ["\u{1f600} caf\u00e9", '"\u{1f600} caf\u00e9"'],
])("%j", (name, shown) => {
  expect(showName(name)).toBe(shown);
});

it("cuts names that would fill the screen", () => {
  expect(showName("x".repeat(1e6))).toBe(`"${"x".repeat(160)}..."`);
});
