// Texts of the command line to values, and texts that are none.
import { describe, expect, test } from "vitest";
import { isNumber, numbers, seed, seedOrRandom, size, whole } from "./parse-values.js";

describe("size", () => {
  test.each([
    ["512x768", 512, 768],
    ["512X768", 512, 768],
    ["512×768", 512, 768],
    ["512*768", 512, 768],
    ["512", 512, 512],
    ["-8x1.5", -8, 1.5],
  ])("%s", (text, width, height) => expect(size(text)).toEqual({ width, height }));

  test.each(["", "x", "512x", "x512", "1e3x8", "0x10x8", "512x768x3", "NaN", "5_12", "..x8", "9".repeat(1e5)])(
    "%j is none",
    (text) => expect(() => size(text)).toThrowError(expect.objectContaining({ code: "bad-option" })),
  );
});

test.each(["0", "-1.5", "+2", ".5", "5.", "1e-3", "1E5"])("%s is a number", (text) =>
  expect(isNumber(text)).toBe(true),
);
test.each(["", " ", "0x10", "1e400", "Infinity", "NaN", "1,5", "1_0", "--1", "1 ", "e5", "."])("%j is none", (text) =>
  expect(isNumber(text)).toBe(false),
);

test("lists take blanks between, and nothing missing", () => {
  expect(numbers("sigmas")("14.6, 3,0")).toEqual([14.6, 3, 0]);
  for (const text of ["", "1,", ",1", "1,,2", "1;2", "1,".repeat(20_000)]) {
    expect(() => numbers("sigmas")(text)).toThrowError(expect.objectContaining({ code: "bad-option" }));
  }
});

test("whole numbers in a range, to its ends", () => {
  const steps = whole("steps", 1, 10);
  expect([steps("1"), steps("10"), steps("007")]).toEqual([1, 10, 7]);
  for (const text of ["0", "11", "-1", "1.0", "1e1", "+1", "", "9".repeat(400)]) {
    expect(() => steps(text)).toThrowError(expect.objectContaining({ code: "bad-option" }));
  }
});

test("a seed of -1 is a random one", () => {
  const drawn = Array.from({ length: 8 }, () => seedOrRandom("seed")("-1"));
  expect(new Set(drawn).size).toBeGreaterThan(1);
  for (const value of drawn) expect(value >= 0n && value < 2n ** 32n).toBe(true);
  expect(seedOrRandom("seed")("7")).toBe(7n);
  expect(() => seedOrRandom("seed")("-2")).toThrowError(expect.objectContaining({ code: "bad-option" }));
});

test("seeds reach 2^64 - 1 exactly", () => {
  expect(seed("seed")("18446744073709551615")).toBe(2n ** 64n - 1n);
  for (const text of ["18446744073709551616", "-1", "1.0", "", "0x1", "9".repeat(1e5)]) {
    expect(() => seed("subseed")(text)).toThrowError(
      expect.objectContaining({ code: "bad-option", message: expect.stringContaining("--subseed") }),
    );
  }
});
