import { expect, test } from "vitest";
import { betaQuantile } from "./beta-quantile.js";

test("the uniform and the arcsine distribution have closed forms", () => {
  for (let p = 0.01; p < 1; p += 0.07) {
    expect(betaQuantile(p, 1, 1)).toBeCloseTo(p, 13);
    expect(betaQuantile(p, 0.5, 0.5)).toBeCloseTo(Math.sin((Math.PI * p) / 2) ** 2, 13);
    expect(betaQuantile(p, 3, 1)).toBeCloseTo(p ** (1 / 3), 13);
  }
});

test("equal parameters are symmetric, and the ends are exact", () => {
  expect(betaQuantile(0.2, 0.6, 0.6) + betaQuantile(0.8, 0.6, 0.6)).toBeCloseTo(1, 13);
  expect(betaQuantile(0.5, 0.6, 0.6)).toBeCloseTo(0.5, 14);
  expect([betaQuantile(0, 0.6, 0.6), betaQuantile(1, 0.6, 0.6)]).toEqual([0, 1]);
});
