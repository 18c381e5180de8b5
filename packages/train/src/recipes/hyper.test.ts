// The parts of Hyper beside the trajectory: the adversarial loss with heads on the frozen base, and feedback from a reward.
import type { GraphBuilder, Value } from "@fewstep/core";
import { beforeAll, describe, expect, it } from "vitest";
import { headsCritic } from "./critic.js";
import type { DistillBase } from "./distillation.js";
import type { Feedback } from "./feedback.js";
import { hyperRecipe, type Stage } from "./hyper.js";
import { alphaBar, conditioning, data, mean, metricsOf, runOf, SHAPE, trainedBase } from "./toy.test.fixture.js";

let base: DistillBase;
beforeAll(async () => {
  base = await trainedBase(30);
});

const rate = (peak: number) => ({ peak, decay: "constant" as const });

const stage = (squared: number, adversarial: number, iterations: number): readonly Stage[] => [
  { segments: 2, iterations, squared, adversarial },
];

const recipe = (
  stages: readonly Stage[],
  learningRate: number,
  more: Partial<Parameters<typeof hyperRecipe>[0]> = {},
) =>
  hyperRecipe({
    base,
    conditioning,
    lora: { rank: 4, alpha: 4 },
    data,
    shape: SHAPE,
    alphaBar,
    batch: 4,
    seed: 1,
    guidance: [1, 2],
    stages,
    learningRate: rate(learningRate),
    ...more,
  });

describe("Hyper's adversarial part", () => {
  const critic = () => headsCritic(base, SHAPE);
  it("trains its heads at their own rate while the student stands still", async () => {
    const { vectors } = await runOf(
      recipe(stage(0.2, 0.5, 3), 0, { critic: critic(), criticLearningRate: rate(1e-3) }),
    );
    const start = recipe(stage(0.2, 0.5, 3), 0, { critic: critic() }).initial;
    expect(vectors.get("critic.p")).not.toEqual(start.get("critic.p"));
    expect(vectors.get("lora.p")).toEqual(start.get("lora.p"));
  });
  it("reaches the student: with the squared error weighed 0 its gradient alone moves the adapter", async () => {
    const moved = await runOf(recipe(stage(0, 0.5, 2), 1e-3, { critic: critic(), criticLearningRate: rate(0) }));
    const start = recipe(stage(0, 0.5, 2), 0, { critic: critic() }).initial;
    expect(moved.vectors.get("critic.p")).toEqual(start.get("critic.p"));
    expect(moved.vectors.get("lora.p")).not.toEqual(start.get("lora.p"));
    const alone = await runOf(recipe(stage(0, 0, 2), 1e-3, { critic: critic(), criticLearningRate: rate(0) }));
    expect(alone.vectors.get("lora.p")).toEqual(start.get("lora.p"));
  });
});

describe("Hyper's feedback", () => {
  /** Likes pictures whose first channel is bright. */
  const reward = (b: GraphBuilder, x0: Value): Value => {
    const first = b.op("Slice", [x0], { axis: 1, start: 0, end: 1 });
    return b.op("ReduceMean", [first], { axes: [1, 2, 3], keepDims: false });
  };
  const feedback = (threshold: number): Feedback => ({
    reward,
    sources: [],
    residents: new Map(),
    threshold,
    weight: 1,
  });
  it("makes the student's pictures more rewarding", async () => {
    const lines = await metricsOf(recipe(stage(0, 0, 25), 3e-3, { feedback: feedback(2) }));
    const values = lines.map(({ feedback: one }) => one!);
    expect(mean(values.slice(-5))).toBeLessThan(mean(values.slice(0, 5)) - 0.1);
  });
  it("asks for nothing more of pictures that are good enough", async () => {
    const run = await runOf(recipe(stage(0, 0, 2), 3e-3, { feedback: feedback(-100) }));
    expect(run.lines.map(({ feedback: one }) => one)).toEqual([0, 0]);
    expect(run.vectors.get("lora.m")!.every((x) => x === 0)).toBe(true);
  });
});
