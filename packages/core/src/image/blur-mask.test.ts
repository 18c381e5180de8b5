import { describe, expect, it } from "vitest";
import { blurMask } from "./blur-mask.js";

const point = (side: number) => {
  const data = new Float32Array(side * side);
  data[Math.floor((side * side) / 2)] = 1;
  return { width: side, height: side, data };
};

describe("blurMask", () => {
  it("spreads a point as a Gaussian, cut off at 2.5 deviations", () => {
    const { data } = blurMask(point(21), 2);
    const at = (x: number, y: number) => data[(10 + y) * 21 + 10 + x]!;
    expect(data.reduce((sum, value) => sum + value, 0)).toBeCloseTo(1, 5);
    for (const [x, y] of [
      [1, 0],
      [3, 2],
      [5, 5],
    ] as const) {
      expect(at(x, y) / at(0, 0)).toBeCloseTo(Math.exp(-(x * x + y * y) / 8), 5);
    }
    expect(at(6, 0)).toBe(0);
  });

  it("leaves a mask alone at 0, and whatever is of one value", () => {
    const mask = point(5);
    expect(blurMask(mask, 0)).toBe(mask);
    const full = { width: 9, height: 3, data: new Float32Array(27).fill(1) };
    for (const value of blurMask(full, 4).data) expect(value).toBeCloseTo(1, 6);
  });
});
