import { expect, test } from "vitest";
import { guided, neededRoles } from "./guider.js";

const conditional = Float64Array.of(1, 2, 3, 4);
const unconditional = Float64Array.of(0, 2, 2, 6);

test("scale 1 needs no second run, scale 0 only the unconditional one", () => {
  expect(neededRoles({ scale: 1, rescale: 0.7 })).toEqual(["conditional"]);
  expect(neededRoles({ scale: 0, rescale: 0 })).toEqual(["unconditional"]);
  expect(neededRoles({ scale: 7.5, rescale: 0 })).toEqual(["conditional", "unconditional"]);
});

test("the mixture leans away from the unconditional output", () => {
  const mixed = guided([conditional, unconditional], { scale: 2, rescale: 0 });
  expect([...mixed]).toEqual([2, 2, 4, 2]);
});

test("rescale 1 restores each picture's own deviation", () => {
  const deviation = (values: ArrayLike<number>) => {
    const list = Array.from(values);
    const mean = list.reduce((sum, value) => sum + value, 0) / list.length;
    return Math.sqrt(list.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (list.length - 1));
  };
  const mixed = guided([conditional, unconditional], { scale: 3, rescale: 1 }, 2);
  expect(deviation(mixed.subarray(0, 2))).toBeCloseTo(deviation(conditional.subarray(0, 2)), 12);
  expect(deviation(mixed.subarray(2))).toBeCloseTo(deviation(conditional.subarray(2)), 12);
});

test("the output's type is the input's", () => {
  const single = guided([Float32Array.of(1), Float32Array.of(2)], { scale: 0.5, rescale: 0 });
  expect(single).toBeInstanceOf(Float32Array);
});
