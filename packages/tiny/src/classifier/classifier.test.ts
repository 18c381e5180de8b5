// A classifier of toy widths learns what a picture shows, and knows nothing of another picture's labels.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fromFloat32, toFloat32 } from "@fewstep/core";
import { train } from "@fewstep/train";
import { ortRunner } from "@fewstep/train/node";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { JUDGE } from "../judge/judge.js";
import { readingAccuracy } from "../scoring/reading-accuracy.js";
import { readClassifier, writeClassifier } from "./classifier-file.js";
import { blurred, classifierRecipe } from "./recipe.js";

const spec = {
  ...JUDGE,
  widths: [8, 16, 32],
  size: 32,
  batch: 16,
  iterations: 120,
  learningRate: { peak: 5e-3, decay: "constant" },
} as const;
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "fewstep-classifier-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe("a classifier", () => {
  it("reads drawn pictures above chance after a moment, and fails on shuffled labels; its file holds it", async () => {
    const runner = ortRunner({ threads: 1 });
    const recipe = classifierRecipe(spec);
    const before = await readingAccuracy(
      runner,
      { shape: spec, vector: recipe.initial.get("judge.p")!, resident: "judge" },
      200,
    );
    for await (const _ of train(recipe, { runner }));
    const vector = await runner.get("judge.ema");
    const after = await readingAccuracy(runner, { shape: spec, vector, resident: "judge" }, 200);
    expect(after.overall).toBeGreaterThan(before.overall + 0.15);
    expect(after.byAttribute.background!).toBeGreaterThan(0.5);
    expect(after.shuffled).toBeLessThan(after.overall - 0.1);
    const path = join(folder, "judge.safetensors");
    await writeClassifier(path, "judge", spec, vector);
    const back = await readClassifier(path, "judge", spec);
    expect(back).toEqual(toFloat32(fromFloat32(vector, "f16"), "f16"));
    const read = await readingAccuracy(runner, { shape: spec, vector: back, resident: "judge" }, 200);
    expect(Math.abs(read.overall - after.overall)).toBeLessThan(0.01);
    await expect(readClassifier(path, "critic", spec)).rejects.toMatchObject({ code: "not-this-classifier" });
    await runner.dispose();
  });
});

describe("blur", () => {
  it("is the mean of nine pixels, edges repeated", () => {
    const pixels = new Uint8Array(3 * 3 * 3);
    pixels[4 * 3 + 1] = 90;
    const soft = blurred(pixels, 3);
    expect([...soft].filter((_, i) => i % 3 === 1)).toEqual(Array.from({ length: 9 }, () => 10));
    expect([...soft].filter((_, i) => i % 3 !== 1).every((x) => x === 0)).toBe(true);
  });
});
