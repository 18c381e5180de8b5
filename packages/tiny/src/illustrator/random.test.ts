import { describe, expect, it } from "vitest";
import { mixSeed, randomFrom } from "./random.js";

describe("randomFrom", () => {
  it("draws the same numbers for the same seed, and others for its neighbours", () => {
    const draw = (seed: number) => Array.from({ length: 50 }, randomFrom(seed).next);
    expect(draw(7)).toEqual(draw(7));
    for (let seed = 0; seed < 200; seed++) expect(draw(seed).filter((x) => draw(seed + 1).includes(x))).toEqual([]);
  });

  it("spreads seeds and indices evenly (chi-square over 64 cells, 63 degrees of freedom, bound at p = 1e-6)", () => {
    const chiSquare = (value: (i: number) => number): number => {
      const cells = new Array<number>(64).fill(0);
      for (let i = 0; i < 64_000; i++) cells[Math.floor((value(i) / 2 ** 32) * 64)]! += 1;
      return cells.reduce((sum, count) => sum + (count - 1000) ** 2 / 1000, 0);
    };
    expect(chiSquare((i) => mixSeed(5, i))).toBeLessThan(131);
    expect(chiSquare((i) => mixSeed(i, 0))).toBeLessThan(131);
    expect(chiSquare((i) => mixSeed(mixSeed(9, i), 1))).toBeLessThan(131);
  });

  it("picks by weight, never what weighs nothing, and shuffles without loss", () => {
    const random = randomFrom(3);
    const counts = { a: 0, b: 0, c: 0 };
    for (let i = 0; i < 10_000; i++)
      counts[
        random.pickWeighted([
          ["a", 3],
          ["b", 0],
          ["c", 1],
        ] as const)
      ]++;
    expect(counts.b).toBe(0);
    expect(Math.abs(counts.a - 7500)).toBeLessThan(260);
    const mixed = random.shuffle([1, 2, 3, 4, 5, 6, 7, 8]);
    expect(mixed).not.toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    expect([...mixed].sort()).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    expect(() => random.pick([])).toThrow(RangeError);
  });
});
