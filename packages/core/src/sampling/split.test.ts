import fc from "fast-check";
import { expect, test } from "vitest";
import { splitAncestral, splitPosterior, splitTrajectory, trajectoryTimestep } from "./split.js";

const pair = fc.tuple(
  fc.double({ min: 0.03, max: 15, noNaN: true }),
  fc.double({ min: 0.001, max: 0.999, noNaN: true }),
);

test("down and up make the next sigma, whatever eta", () => {
  fc.assert(
    fc.property(pair, fc.double({ min: 0, max: 2, noNaN: true }), ([sigma, part], eta) => {
      const { down, up } = splitAncestral(sigma, sigma * part, eta);
      expect(Math.hypot(down, up)).toBeCloseTo(sigma * part, 12);
    }),
  );
});

test("eta 1 is DDPM's posterior", () => {
  fc.assert(
    fc.property(pair, ([sigma, part]) => {
      const ancestral = splitAncestral(sigma, sigma * part, 1);
      const posterior = splitPosterior(sigma, sigma * part, "small");
      expect(ancestral.down).toBeCloseTo(posterior.down, 10);
      expect(ancestral.up).toBeCloseTo(posterior.up, 8);
    }),
  );
});

test("TCD with gamma 0 goes all the way down, and with gamma 1 to the table's first sigma", () => {
  expect(splitTrajectory(1.6, 1.6)).toEqual({ down: 1.6, up: 0 });
  expect(trajectoryTimestep(499, 0)).toBe(499);
  expect(trajectoryTimestep(499, 1)).toBe(0);
});

test("TCD's timestep is rounded as in float32", () => {
  expect(trajectoryTimestep(500, 0.8)).toBe(100);
  expect(Math.floor((1 - 0.8) * 500)).toBe(99);
});
