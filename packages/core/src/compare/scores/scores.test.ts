// Every score on pictures whose order is known, and on values that can be worked out by hand.
import { describe, expect, it } from "vitest";
import type { Pixels } from "../../image/pixels.js";
import { burn } from "./burn.js";
import { colourCast } from "./colour-cast.js";
import { detail } from "./detail.js";
import { diversity } from "./diversity.js";
import { duplicates, failuresOf } from "./failures.js";
import { gradientDistance } from "./gradient-distance.js";
import { lab } from "./lab.js";
import { noiseResidue } from "./noise-residue.js";
import { psnr } from "./psnr.js";
import { scoreDefinitions, scorePicture } from "./scores.js";
import { sharpness } from "./sharpness.js";
import { ssim } from "./ssim.js";
import { blurred, burnt, noisy, painted, scene, shifted, tinted } from "./test-pictures.test.fixture.js";

const AMOUNTS = {
  blurred: [0, 1, 2, 4, 8],
  noisy: [0, 4, 8, 16, 32],
  burnt: [1, 1.3, 1.7, 2.5, 4],
  tinted: [0, 5, 12, 25, 40],
  shifted: [0, 1, 2, 4],
} as const;
const DAMAGE: Readonly<Record<keyof typeof AMOUNTS, (picture: Pixels, amount: number) => Pixels>> = {
  blurred,
  noisy,
  burnt,
  tinted,
  shifted,
};

const series = (kind: keyof typeof AMOUNTS, seed: number) =>
  AMOUNTS[kind].map((amount) => DAMAGE[kind](scene(seed), amount));

function expectOrder(values: readonly number[], direction: "rises" | "falls"): void {
  const sign = direction === "rises" ? 1 : -1;
  for (let i = 1; i < values.length; i++) {
    expect(sign * (values[i]! - values[i - 1]!), `${direction}: ${values.join(" ")}`).toBeGreaterThan(0);
  }
}

describe.each([1, 2, 3])("scores of damaged pictures, scene %i", (seed) => {
  const reference = scene(seed);
  it.each(["blurred", "noisy", "burnt", "tinted", "shifted"] as const)("distances grow the more it is %s", (kind) => {
    const pictures = series(kind, seed);
    expectOrder(
      pictures.map((picture) => psnr(picture, reference)),
      "falls",
    );
    expectOrder(
      pictures.map((picture) => gradientDistance(picture, reference)),
      "rises",
    );
    if (kind !== "tinted")
      expectOrder(
        pictures.map((picture) => ssim(picture, reference)),
        "falls",
      );
  });

  it("sharpness, detail and noise fall by blur and rise by noise", () => {
    // further blur leaves less than rounding to 8 bits makes by itself (0.03 levels)
    for (const score of [sharpness, detail, noiseResidue]) {
      expectOrder(
        series("blurred", seed)
          .slice(0, 3)
          .map((picture) => score(picture)),
        "falls",
      );
      expectOrder(
        series("noisy", seed).map((picture) => score(picture)),
        "rises",
      );
    }
  });

  it("burning raises saturation, contrast and clipping", () => {
    const burns = series("burnt", seed).map(burn);
    expectOrder(
      burns.map(({ saturation }) => saturation),
      "rises",
    );
    expectOrder(
      burns.map(({ contrast }) => contrast),
      "rises",
    );
    expectOrder(
      burns.slice(2).map(({ clipped }) => clipped),
      "rises",
    );
  });

  it("a tint is a cast, and shifting is none", () => {
    expectOrder(
      series("tinted", seed).map((picture) => colourCast(picture, reference)),
      "rises",
    );
    for (const picture of series("shifted", seed)) expect(colourCast(picture, reference)).toBeLessThan(1e-9);
  });
});

describe("values by hand", () => {
  const grey = (level: number) => painted(64, 64, () => [level, level, level]);
  it("a picture beside itself", () => {
    expect(psnr(scene(), scene())).toBe(Infinity);
    expect(ssim(scene(), scene())).toBeCloseTo(1, 12);
    expect(gradientDistance(scene(), scene())).toBeLessThan(1e-12);
    expect(colourCast(scene(), scene())).toBe(0);
  });

  it("two flats", () => {
    expect(psnr(grey(100), grey(110))).toBeCloseTo(10 * Math.log10(255 ** 2 / 100), 10);
    const c1 = 2.55 ** 2;
    expect(ssim(grey(100), grey(110))).toBeCloseTo((2 * 100 * 110 + c1) / (100 ** 2 + 110 ** 2 + c1), 6);
    expect(gradientDistance(grey(100), grey(110))).toBeLessThan(1e-12);
  });

  it("Immerkaer's estimate is the sigma of white noise", () => {
    // the mixing of three channels into luma: sqrt(0.299^2 + 0.587^2 + 0.114^2)
    const mixing = Math.hypot(0.299, 0.587, 0.114);
    for (const sigma of [5, 10, 20]) {
      expect(noiseResidue(noisy(grey(128), sigma)) / (sigma * mixing)).toBeGreaterThan(0.95);
      expect(noiseResidue(noisy(grey(128), sigma)) / (sigma * mixing)).toBeLessThan(1.05);
    }
  });

  it("of white noise, detail is the part outside the disc of low frequencies", () => {
    const mixing = Math.hypot(0.299, 0.587, 0.114);
    for (const sigma of [5, 20]) {
      const expected = sigma * mixing * Math.sqrt(1 - Math.PI / 16);
      expect(detail(noisy(grey(128), sigma)) / expected).toBeGreaterThan(0.95);
      expect(detail(noisy(grey(128), sigma)) / expected).toBeLessThan(1.05);
    }
    expect(detail(grey(7))).toBeLessThan(1e-9);
  });

  it("the Laplacian of stripes", () => {
    // columns 0 and 200 in turn: every Laplacian is +-400
    expect(
      sharpness(painted(64, 64, (x) => [0, 0, 0].map(() => (x % 2) * 200) as [number, number, number])),
    ).toBeCloseTo(160_000, 3);
  });

  it("CIELAB of the primaries", () => {
    const close = (found: readonly number[], wanted: readonly number[]) =>
      wanted.map((value, i) => expect(found[i]).toBeCloseTo(value, 1));
    close(lab(255, 255, 255), [100, 0, 0]);
    close(lab(255, 0, 0), [53.24, 80.09, 67.2]);
    close(lab(0, 0, 255), [32.3, 79.19, -107.86]);
    close(lab(0, 0, 0), [0, 0, 0]);
  });

  it("plain black and white are no burn", () => {
    expect(burn(painted(64, 64, (x) => (x % 2 === 0 ? [0, 0, 0] : [255, 255, 255]))).clipped).toBe(0);
    expect(burn(painted(64, 64, (x) => (x % 2 === 0 ? [255, 0, 0] : [90, 80, 70]))).clipped).toBe(0.5);
  });
});

describe("over seeds", () => {
  it("diversity falls as pictures are drawn to one", () => {
    const pictures = [1, 2, 3, 4].map((seed) => scene(seed));
    const towards = (part: number) =>
      pictures.map((picture) =>
        painted(128, 128, (x, y) => {
          const at = (y * 128 + x) * 4;
          const blend = (c: number) => picture.data[at + c]! * (1 - part) + pictures[0]!.data[at + c]! * part;
          return [blend(0), blend(1), blend(2)];
        }),
      );
    expectOrder(
      [0, 0.3, 0.6, 1].map((part) => diversity(towards(part))!),
      "falls",
    );
    expect(diversity(towards(1))).toBe(0);
    expect(diversity([scene()])).toBeUndefined();
  });

  it("duplicates are found through noise, and not where pictures differ", () => {
    expect(duplicates([scene(1), scene(2), noisy(scene(1), 2), scene(3)])).toEqual([2]);
    expect(duplicates([scene(1), scene(2), scene(3)])).toEqual([]);
  });
});

describe("failures", () => {
  it("flat, not finite, and neither", () => {
    expect(
      failuresOf(
        noisy(
          painted(64, 64, () => [9, 9, 9]),
          1,
        ),
      ),
    ).toEqual(["flat"]);
    const data = new Float32Array(3 * 64 * 64);
    data[5] = Number.NaN;
    expect(failuresOf(scene(1, 64), { width: 64, height: 64, channels: 3, data })).toEqual(["non-finite"]);
    expect(failuresOf(scene())).toEqual([]);
  });

  it("scores leave out what has no reference", () => {
    const own = scoreDefinitions.filter(({ kind }) => kind === "own").map(({ name }) => name);
    expect(Object.keys(scorePicture(scene()).scores).sort()).toEqual([...own].sort());
    expect(Object.keys(scorePicture(scene(), scene(2)).scores)).toHaveLength(scoreDefinitions.length);
    expect(Object.keys(scorePicture(scene(), scene(2, 64)).scores).sort()).toEqual([...own].sort());
    expect(() => ssim(scene(), scene(2, 64))).toThrow(expect.objectContaining({ code: "pictures-differ-in-size" }));
  });
});
