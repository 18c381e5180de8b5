import { describe, expect, it } from "vitest";
import { randomFrom } from "../illustrator/random.js";
import { attributeTable } from "./attribute-table.js";
import { bootstrap } from "./bootstrap.js";
import { distanceOf, influencesOf, type KernelParts, kernelDistance, meansTo, meansWithin } from "./kernel-distance.js";
import { seedOf } from "./make-pictures.js";
import { rowsFromCsv, rowsToCsv, type ScoreRow } from "./rows.js";
import { scoreLines, scoreTable } from "./score-table.js";

const cloud = (seed: number, count: number, shift: number): Float32Array[] => {
  const random = randomFrom(seed);
  const normal = () => Array.from({ length: 12 }, random.next).reduce((sum, x) => sum + x, -6);
  return Array.from({ length: count }, () => Float32Array.from({ length: 8 }, () => normal() + shift));
};

describe("kernel distance", () => {
  it("is about 0 between sets of one law, and grows with the shift between two", () => {
    const real = cloud(1, 300, 0);
    const [same, near, far] = [0, 0.3, 0.6].map((shift, i) => kernelDistance(real, cloud(2 + i, 300, shift)));
    expect(Math.abs(same!)).toBeLessThan(0.05);
    expect(near!).toBeGreaterThan(4 * Math.abs(same!));
    expect(far!).toBeGreaterThan(2 * near!);
  });
  const partsOf = (made: readonly Float32Array[], drawn: readonly Float32Array[]): readonly KernelParts[] => {
    const [own, to] = [meansWithin(made), meansTo(made, drawn)];
    const [within, back] = [meansWithin(drawn), meansTo(drawn, made)];
    return made.map((_, i) => ({
      withinMade: own[i]!,
      toDrawn: to[i]!,
      withinDrawn: within[i]!,
      drawnToMade: back[i]!,
    }));
  };
  it("is the sum of its pairs' parts, whose influences say how it varies", () => {
    const [made, drawn] = [cloud(5, 80, 0.3), cloud(6, 80, 0)];
    const parts = partsOf(made, drawn);
    expect(distanceOf(parts)).toBeCloseTo(kernelDistance(made, drawn), 10);
    // weighing one pair a little more moves the distance by its influence: here by leaving it out
    const without = kernelDistance(made.slice(1), drawn.slice(1));
    const first = influencesOf(parts)[0]!;
    expect(without - distanceOf(parts)).toBeCloseTo(-first / made.length, 2);
    expect(Math.sign(without - distanceOf(parts))).toBe(-Math.sign(first));
  });
  it("varies as little as the pairs differ: what a prompt brings to both sets cancels", () => {
    const [places, blur] = [cloud(7, 200, 0), cloud(8, 200, 0)];
    const made = places.map((place, i) => place.map((x, k) => x + 0.2 * blur[i]![k]! + 0.3));
    const spread = (parts: readonly KernelParts[]) => Math.hypot(...influencesOf(parts));
    const apart = [...places.slice(100), ...places.slice(0, 100)];
    expect(spread(partsOf(made, places))).toBeLessThan(0.7 * spread(partsOf(made, apart)));
  });
  it("has intervals that cover it, over many sets of pairs", () => {
    const [pairs, sets] = [60, 40];
    const setOf = (seed: number) => {
      const [places, blur] = [cloud(1000 + seed, pairs, 0), cloud(2000 + seed, pairs, 0)];
      return partsOf(
        places.map((place, i) => place.map((x, k) => 0.9 * x + 0.4 * blur[i]![k]! + 0.3)),
        places,
      );
    };
    const many = Array.from({ length: sets }, (_, seed) => setOf(seed));
    const truth = many.reduce((sum, parts) => sum + distanceOf(parts), 0) / sets;
    const covered = many.filter((parts) => {
      const mean = (values: readonly number[]) => values.reduce((sum, x) => sum + x, 0) / values.length;
      const moved = bootstrap(influencesOf(parts), mean);
      return Math.abs(truth - distanceOf(parts)) <= Math.max(-moved.low, moved.high);
    });
    expect(covered.length).toBeGreaterThanOrEqual(0.85 * sets);
  });
  it("is what the definition says, for two and two", () => {
    const set = (...rows: number[][]) => rows.map((row) => Float32Array.from(row));
    // d = 1: k(x, y) = (x y + 1)^3; within {1, 2}: 27; within {0, 1}: 1; between: (1 + 8 + 1 + 27) / 4
    expect(kernelDistance(set([1], [2]), set([0], [1]))).toBeCloseTo(27 + 1 - (2 * (1 + 8 + 1 + 27)) / 4, 10);
  });
});

describe("bootstrap", () => {
  it("covers the mean, and is narrower with more units", () => {
    const mean = (values: readonly number[]) => values.reduce((sum, x) => sum + x, 0) / values.length;
    const random = randomFrom(3);
    const few = bootstrap(Array.from({ length: 20 }, random.next), mean);
    const many = bootstrap(Array.from({ length: 2000 }, random.next), mean);
    expect(few.low).toBeLessThan(few.value);
    expect(few.high).toBeGreaterThan(few.value);
    expect(many.high - many.low).toBeLessThan(0.3 * (few.high - few.low));
    expect(many.low).toBeLessThan(0.5);
    expect(many.high).toBeGreaterThan(0.5);
  });
});

const row = (prompt: number, right: number): ScoreRow => ({
  method: "base cfg 3",
  steps: 4,
  calls: 8,
  prompt,
  split: prompt % 2 === 0 ? "seen" : "held-out",
  seed: 0,
  attributes: `${"1".repeat(right)}${"0".repeat(10 - right)}-------`,
  shuffledNamed: 10,
  shuffledRight: 2,
  sharpness: 100.5,
  withinMade: 9 + right,
  toDrawn: 8,
  withinDrawn: 7,
  drawnToMade: 8,
  spread: 2,
  seconds: 0.25,
});

it("no two pictures are made from the same noise", () => {
  const seeds = [0, 1, 2].flatMap((draw) => Array.from({ length: 366 }, (_, prompt) => seedOf(500, prompt, draw)));
  expect(new Set(seeds).size).toBe(seeds.length);
  expect(Math.min(...seeds)).toBe(500);
  expect(() => seedOf(0, 1000, 0)).toThrow(RangeError);
});

describe("score rows", () => {
  const rows = [row(0, 9), row(1, 5), row(2, 7), row(3, 3)];
  it("come back from their file", () => {
    expect(rowsFromCsv(rowsToCsv(rows))).toEqual(rows);
    for (const text of ["", "a,b\n1,2\n", rowsToCsv(rows).replace("100.5", "x"), `${rowsToCsv(rows)}1,2\n`])
      expect(() => rowsFromCsv(text)).toThrowError(expect.objectContaining({ code: "bad-score-rows" }));
  });
  it("keep six digits", () => {
    const [back] = rowsFromCsv(rowsToCsv([{ ...rows[0]!, seconds: 1.23456789 }]));
    expect(back!.seconds).toBe(1.23457);
  });
  it("say which attributes are drawn", () => {
    const lines = attributeTable(rows).split("\n");
    expect(lines[0]).toBe("| attribute | named | base cfg 3 at 4 |");
    // the first is right in all four, the fourth in three, the tenth in none, the last is never named
    expect(lines.slice(2).map((line) => line.split(" | ").at(-1))).toEqual(
      [
        ...[100, 100, 100].map((x) => x.toFixed(1)),
        "75.0",
        "75.0",
        "50.0",
        "50.0",
        "25.0",
        "25.0",
        "0.0",
        ...Array(7).fill("-"),
      ].map((x) => `${x} |`),
    );
  });
  it("give the table's numbers, seen and held-out apart", () => {
    const [line] = scoreLines(rows);
    expect(line!.seen!.value).toBeCloseTo(0.8, 10);
    expect(line!.heldOut!.value).toBeCloseTo(0.4, 10);
    expect(line!.shuffled.value).toBeCloseTo(0.2, 10);
    // 9 + mean(9, 5, 7, 3) - 2 * 8 + 7
    expect(line!.distance.value).toBeCloseTo(6, 10);
    expect(line!.distance.low).toBeLessThan(6);
    expect(line!.distance.high).toBeGreaterThan(6);
    expect(scoreTable([line!])).toContain(
      "| base cfg 3 | 4 | 8 | 4 | 80.0 (70.0-90.0) | 40.0 (30.0-50.0) | 20.0 (20.0-20.0) | 6.00 (",
    );
  });
});
