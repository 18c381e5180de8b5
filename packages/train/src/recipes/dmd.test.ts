// Score distillation for one step: the second network, the squared error beside it, and feedback of a picture's reward.
import type { GraphBuilder, Value } from "@fewstep/core";
import { beforeAll, describe, expect, it } from "vitest";
import type { DistillBase } from "./distillation.js";
import { type DmdOptions, dmdRecipe } from "./dmd.js";
import {
  beforeAndAfter,
  brokenOff,
  canonicalOf,
  constantRate,
  distillOptions,
  mean,
  runOf,
  trainedBase,
} from "./toy.test.fixture.js";

let base: DistillBase;
beforeAll(async () => {
  base = await trainedBase(100);
});

const recipe = (changed: Pick<DmdOptions, "learningRate" | "iterations"> & Partial<DmdOptions>) =>
  dmdRecipe({
    ...distillOptions(base, 8),
    guidance: 1,
    scoreUpdates: 3,
    scoreLearningRate: constantRate(1e-3),
    copy: canonicalOf(base),
    ...changed,
  });

describe("distribution matching", () => {
  it("fits the second network to the student's pictures, and moves the student", async () => {
    const run = (peak: number) => runOf(recipe({ learningRate: constantRate(peak), iterations: 12 }));
    const [moved, still] = [await run(1e-3), await run(0)];
    // the student stands still: what the second network is fitted to does too
    const scores = still.lines.map(({ score }) => score!);
    expect(mean(scores.slice(-4))).toBeLessThan(0.9 * mean(scores.slice(0, 2)));
    expect(still.vectors.get("lora.m")!.some((x) => x !== 0)).toBe(true);
    expect(moved.vectors.get("lora.p")).not.toEqual(still.vectors.get("lora.p"));
  });
  it("brings the student nearer to the teacher's few steps from the same noise; a control with learning rate 0 stays", async () => {
    const make = (changed: Pick<DmdOptions, "learningRate" | "iterations">) =>
      recipe({ ...changed, batch: 2, scoreUpdates: 1, regression: { weight: 10, steps: 4 }, timestep: 749 });
    const change = { resident: "lora.p", metric: "squared", peak: 2e-3, iterations: 30 };
    const [before, after] = await beforeAndAfter(make, change);
    expect(after).toBeLessThan(0.9 * before);
    const [controlBefore, controlAfter, start, end] = await beforeAndAfter(make, { ...change, peak: 0, iterations: 2 });
    expect(controlAfter).toBe(controlBefore);
    expect(end).toEqual(start);
  });
  it("is rewarded for its one step, and its loss is the sum of its parts", async () => {
    const reward = (b: GraphBuilder, x0: Value) => b.op("ReduceMean", [x0], { axes: [1, 2, 3], keepDims: false });
    const feedback = { reward, sources: [], residents: new Map(), threshold: 2, weight: 0.5 };
    const { lines } = await runOf(
      recipe({
        learningRate: constantRate(1e-3),
        iterations: 2,
        batch: 4,
        regression: { weight: 0.25, steps: 2 },
        feedback,
      }),
    );
    for (const { loss, matching, squared, feedback: wanted } of lines)
      expect(loss).toBeCloseTo(matching! + 0.25 * squared! + 0.5 * wanted!, 4);
  });
  it("goes on after a break as if there had been none, second network and all", async () => {
    const make = () =>
      recipe({
        learningRate: constantRate(1e-3),
        iterations: 4,
        batch: 2,
        scoreUpdates: 2,
        optimiser: { accumulate: 2 },
        regression: { weight: 0.25, steps: 2 },
      });
    expect(make().state).toEqual(expect.arrayContaining(["score.p", "score.m", "score.g", "lora.ema", "lora.g"]));
    expect(await brokenOff(make(), 3)).toEqual((await runOf(make())).vectors);
  });
});
