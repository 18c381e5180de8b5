import { describe, expect, it } from "vitest";
import { randomStream } from "../optim/random-stream.js";
import { spreadTimesteps } from "./spread-timesteps.js";

const drawn = (power: number): readonly number[] =>
  Array.from({ length: 500 }, (_, i) => spreadTimesteps(1000, 8, power, randomStream(1, "test", i))).flat();
const share = (values: readonly number[], from: number): number =>
  values.filter((t) => t >= from).length / values.length;

describe("timesteps of a batch", () => {
  it("come one from each part, in the table", () => {
    for (const power of [0, 2]) {
      const one = spreadTimesteps(1000, 8, power, randomStream(3, "test", 0));
      expect(one).toHaveLength(8);
      expect([...one].sort((a, b) => a - b)).toEqual(one);
    }
    expect(spreadTimesteps(1000, 4, 0, { uniform: () => 0.5 })).toEqual([125, 375, 625, 875]);
    expect(Math.max(...spreadTimesteps(1000, 4, 3, { uniform: () => 1 - 2 ** -53 }))).toBeLessThan(1000);
  });
  it("are noisy ones more often by a power: above t they are 1 - (t / T)^(1 + power)", () => {
    expect(share(drawn(0), 700)).toBeCloseTo(0.3, 1);
    expect(share(drawn(2), 700)).toBeCloseTo(1 - 0.7 ** 3, 1);
  });
});
