// The parts of Hyper beside the trajectory: the adversarial loss with heads on the frozen base, and feedback from a reward.
import type { GraphBuilder, Value } from "@fewstep/core";
import { beforeAll, describe, expect, it } from "vitest";
import { randomStream } from "../optim/random-stream.js";
import { programCost } from "../program/program-cost.js";
import { headsCritic } from "./critic.js";
import type { DistillBase } from "./distillation.js";
import type { Feedback } from "./feedback.js";
import { hyperRecipe, type Stage, segmentPoint } from "./hyper.js";
import {
  beforeAndAfter,
  brokenOff,
  conditioning,
  constantRate,
  distillOptions,
  mean,
  metricsOf,
  runOf,
  SHAPE,
  trainedBase,
} from "./toy.test.fixture.js";

describe("a point of a segment", () => {
  it.each([8, 4, 2, 1])("of %d ends in it, at the edge or later, and sees every end there", (segments) => {
    const alphaBar = Float64Array.from({ length: 1000 }, (_, t) => 1 - (t + 1) / 1001);
    const length = 1000 / segments;
    const random = randomStream(1, "points", segments);
    const ends = new Set<number>();
    for (let i = 0; i < 5_000; i++) {
      const { t, previous, end, star } = segmentPoint(alphaBar, { grid: 40, segments }, random);
      // segments are (edge, edge + length] with edges at 124, 249 ... for eight of them
      const edge = Math.max(0, Math.ceil((t + 1) / length) * length - length - 1);
      expect(end).toBeGreaterThanOrEqual(edge);
      expect(end).toBeLessThanOrEqual(previous);
      expect(star).toBeGreaterThanOrEqual(end);
      ends.add(end);
    }
    // every grid point but the last, and 0 below the first, is an end of some segment
    expect(ends.size).toBe(40);
  });
});

let base: DistillBase;
beforeAll(async () => {
  base = await trainedBase(30);
});

const stage = (squared: number, adversarial: number, iterations: number): readonly Stage[] => [
  { segments: 2, iterations, squared, adversarial },
];

const recipe = (
  stages: readonly Stage[],
  learningRate: number,
  more: Partial<Parameters<typeof hyperRecipe>[0]> = {},
) =>
  hyperRecipe({
    ...distillOptions(base, 4),
    guidance: [1, 2],
    stages,
    learningRate: constantRate(learningRate),
    ...more,
  });

describe("Hyper's adversarial part", () => {
  const critic = () => headsCritic(base, SHAPE);
  it("trains its heads at their own rate while the student stands still", async () => {
    const { vectors } = await runOf(
      recipe(stage(0.2, 0.5, 3), 0, { critic: critic(), criticLearningRate: constantRate(1e-3) }),
    );
    const start = recipe(stage(0.2, 0.5, 3), 0, { critic: critic() }).initial;
    expect(vectors.get("critic.p")).not.toEqual(start.get("critic.p"));
    expect(vectors.get("lora.p")).toEqual(start.get("lora.p"));
  });
  it("reaches the student: with the squared error weighed 0 its gradient alone moves the adapter", async () => {
    const moved = await runOf(
      recipe(stage(0, 0.5, 2), 1e-3, { critic: critic(), criticLearningRate: constantRate(0) }),
    );
    const start = recipe(stage(0, 0.5, 2), 0, { critic: critic() }).initial;
    expect(moved.vectors.get("critic.p")).toEqual(start.get("critic.p"));
    expect(moved.vectors.get("lora.p")).not.toEqual(start.get("lora.p"));
    const alone = await runOf(recipe(stage(0, 0, 2), 1e-3, { critic: critic(), criticLearningRate: constantRate(0) }));
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

describe("Hyper with feedback and heads", () => {
  it("goes on after a break in another stage as if there had been none", async () => {
    const reward = (b: GraphBuilder, x0: Value): Value => {
      const liked = b.op("Mul", [x0, b.op("Reshape", [b.input("liked", [2])], { shape: [2, 1, 1, 1] })]);
      return b.op("ReduceMean", [liked], { axes: [1, 2, 3], keepDims: false });
    };
    const feed = (captions: readonly string[]) => ({
      liked: { dtype: "f32" as const, shape: [2], data: Float32Array.from(captions, (text) => text.length) },
    });
    const make = () =>
      recipe([...stage(1, 0, 2), ...stage(0.2, 0.5, 2)], 1e-3, {
        batch: 2,
        critic: headsCritic(base, SHAPE),
        criticLearningRate: constantRate(1e-3),
        feedback: { reward, feed, sources: [], residents: new Map(), threshold: 2, weight: 1 },
      });
    const whole = await runOf(make());
    expect(await brokenOff(make(), 3)).toEqual(whole.vectors);
    expect(whole.vectors.has("critic.p")).toBe(true);
  });
});

describe("Hyper that keeps guidance", () => {
  const make = (
    changed: { learningRate: ReturnType<typeof constantRate> | { peak: number }; iterations: number },
    empty = 0.1,
  ) =>
    recipe(stage(1, 0, changed.iterations), 0, {
      guidance: [0, 0],
      emptyCaptions: empty,
      learningRate: { decay: "constant", ...changed.learningRate },
    });
  it("asks its teacher once a picture, not twice", () => {
    const multiplications = (guidance: readonly [number, number]) =>
      programCost(recipe(stage(1, 0, 1), 0, { guidance }).programs[0]!).multiplications;
    expect(multiplications([0, 0])).toBeLessThan(0.95 * multiplications([1, 2]));
  });
  it("brings the student nearer to it; a control with learning rate 0 stays", async () => {
    const change = { resident: "lora.p", metric: "squared", peak: 3e-3, iterations: 30 };
    const [before, after] = await beforeAndAfter(make, change);
    expect(after).toBeLessThan(0.95 * before);
    const [controlBefore, controlAfter] = await beforeAndAfter(make, { ...change, peak: 0, iterations: 2 });
    expect(controlAfter).toBe(controlBefore);
  });
  it("learns empty captions too, as many as are asked for", async () => {
    const seen: string[] = [];
    const spied: typeof conditioning = {
      ...conditioning,
      feed(captions, ...rest) {
        seen.push(...captions);
        return conditioning.feed(captions, ...rest);
      },
    };
    const options = {
      guidance: [0, 0] as const,
      conditioning: spied,
      emptyCaptions: 0.5,
      learningRate: constantRate(0),
    };
    await runOf(recipe(stage(1, 0, 10), 0, options));
    const empty = seen.filter((caption) => caption === "").length;
    expect(seen.length).toBe(40);
    expect(empty).toBeGreaterThan(10);
    expect(empty).toBeLessThan(30);
  });
});
