import { expect, it } from "vitest";
import { checkedElementCount, elementCount, formatShape } from "./shape.js";

it("counts elements; a scalar has one, an empty axis none", () => {
  expect(elementCount([])).toBe(1);
  expect(elementCount([2, 3, 4])).toBe(24);
  expect(elementCount([2, 0])).toBe(0);
});

it("counts hostile shapes only while the product is exact", () => {
  expect(checkedElementCount([2 ** 26, 2 ** 26])).toBe(2 ** 52);
  expect(checkedElementCount([2 ** 27, 2 ** 26])).toBeUndefined();
  expect(checkedElementCount([2 ** 30, 2 ** 30, 0])).toBeUndefined();
});

it("writes a shape as files do", () => {
  expect(formatShape([320, 4, 3, 3])).toBe("[320,4,3,3]");
});
