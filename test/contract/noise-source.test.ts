// What every source of noise must do, whichever library it imitates: what a seed gives is fixed, a stream is nobody else's, and the
// values are normal.
import { createDraw, FewstepError, type NoiseSourceName, noiseSources } from "@fewstep/core";
import { describe, expect, test } from "vitest";

const names = Object.keys(noiseSources) as NoiseSourceName[];
/** Every library takes these. */
const SEEDS = [0n, 1n, 2n ** 31n, 2n ** 32n - 1n];
/** Some do; the others must say so. */
const LARGE_SEEDS = [-1n, 2n ** 32n, 2n ** 53n + 1n, 2n ** 63n - 1n, 2n ** 64n - 1n, 2n ** 64n];

describe.each(names)("%s", (name) => {
  const source = noiseSources[name];

  test("goes by its own name", () => {
    expect(source.name).toBe(name);
  });

  test.each(SEEDS)("seed %s gives the same values each time it is opened", (seed) => {
    const draws = () => {
      const stream = source.open(seed);
      return [16, 1, 3, 64, 17].map((count) => stream.normal(count));
    };
    expect(draws()).toEqual(draws());
  });

  test.each(LARGE_SEEDS)("seed %s is taken, with other values than seed 5, or refused with the range", (seed) => {
    try {
      expect(source.open(seed).normal(64)).not.toEqual(source.open(5n).normal(64));
    } catch (error) {
      if (!(error instanceof FewstepError)) throw error;
      expect({ kind: error.kind, found: error.found }).toEqual({ kind: "input", found: String(seed) });
      expect(error.expected).toMatch(/^a whole number/);
    }
  });

  test("gives as many values as asked for, all finite, as an array of its own", () => {
    const stream = source.open(7n);
    for (const count of [0, 1, 2, 3, 15, 16, 17, 1000]) {
      const values = stream.normal(count);
      expect(values).toBeInstanceOf(Float32Array);
      expect(values).toHaveLength(count);
      expect(values.every(Number.isFinite)).toBe(true);
      values.fill(9);
    }
    const [first, second] = [stream.normal(64), stream.normal(64)];
    expect(first).not.toEqual(second);
    expect(first.includes(9)).toBe(false);
  });

  test("streams do not disturb one another", () => {
    const alone = source.open(3n);
    const expected = [alone.normal(5), alone.normal(32)];
    const [mine, other] = [source.open(3n), source.open(4n)];
    const first = mine.normal(5);
    const foreign = other.normal(37);
    expect([first, mine.normal(32)]).toEqual(expected);
    expect(foreign.subarray(0, 5)).not.toEqual(expected[0]);
  });

  test("the values are normal: mean, variance, skew, kurtosis and tails within five standard errors", () => {
    const count = 200_000;
    const values = source.open(12345n).normal(count);
    const moment = (power: number) => values.reduce((sum, value) => sum + value ** power, 0) / count;
    const within = (actual: number, expected: number, spread: number) =>
      expect(Math.abs(actual - expected)).toBeLessThan(5 * (spread / Math.sqrt(count)));
    within(moment(1), 0, 1);
    within(moment(2), 1, Math.sqrt(2));
    within(moment(3), 0, Math.sqrt(15));
    within(moment(4), 3, Math.sqrt(96));
    // P(|x| > 3)
    const tail = 0.0026997960632601866;
    within(values.filter((value) => Math.abs(value) > 3).length / count, tail, Math.sqrt(tail * (1 - tail)));
  });

  test("a picture does not depend on the batch it is made in", () => {
    const size = { channels: 4, height: 3, width: 5 };
    const count = 60;
    const draws = (seeds: readonly string[]) => {
      const draw = createDraw({ source: name, seeds }, { images: seeds.length, size });
      return [draw({ from: Number.POSITIVE_INFINITY, to: 14 }), draw({ from: 14, to: 7 })];
    };
    const both = draws(["7", "4294967295"]);
    expect(both.map((noise) => noise.subarray(0, count))).toEqual(draws(["7"]));
    expect(both.map((noise) => noise.subarray(count))).toEqual(draws(["4294967295"]));
  });
});
