import { beforeAll, describe, expect, it } from "vitest";
import type { LearningRate } from "../optim/learning-rate.js";
import { randomStream } from "../optim/random-stream.js";
import { programCost } from "../program/program-cost.js";
import { encoderCritic, headsCritic } from "./critic.js";
import type { DistillBase } from "./distillation.js";
import { hyperRecipe } from "./hyper.js";
import { lcmRecipe } from "./lcm.js";
import { lightningRecipe } from "./lightning.js";
import type { Recipe } from "./recipe.js";
import { distilledNetworks } from "./teacher.js";
import {
  beforeAndAfter,
  canonicalOf,
  distillOptions,
  mean,
  metricsOf,
  model,
  SHAPE,
  trainedBase,
} from "./toy.test.fixture.js";
import { turboRecipe } from "./turbo.js";

let base: DistillBase;
beforeAll(async () => {
  base = await trainedBase(100);
});

type Changed = Parameters<Parameters<typeof beforeAndAfter>[0]>[0];

const shared = (changed: Changed) => ({ ...distillOptions(base, 8), ...changed });

const adapterLength = distilledNetworks(model.unet, (id) => id, { rank: 8, alpha: 8 }).layout.length;

/** Adapter recipes, the distance of student and teacher that must fall, and to what part of it in 50 iterations. */
const recipes: Readonly<Record<string, readonly [metric: string, part: number, make: (changed: Changed) => Recipe]>> = {
  "latent consistency": ["loss", 0.9, (changed) => lcmRecipe({ ...shared(changed), guidance: [1, 2] })],
  "latent consistency with its average, on a coarse grid": [
    "loss",
    0.9,
    (changed) => lcmRecipe({ ...shared(changed), guidance: [1, 2], grid: 20, targetAverage: 0.95 }),
  ],
  "progressive distillation": [
    "squared",
    0.9,
    (changed) =>
      lightningRecipe({ ...shared(changed), steps: 4, teacherSteps: 2, loss: { kind: "squared", guidance: 1.5 } }),
  ],
  "segmented consistency": [
    "squared",
    0.9,
    ({ iterations, ...changed }) =>
      hyperRecipe({
        ...shared({ iterations, ...changed }),
        guidance: [1, 2],
        stages: [{ segments: 4, iterations, squared: 1, adversarial: 0 }],
      }),
  ],
  turbo: [
    "distilled",
    // most of it is what the teacher cannot see through the noise that its input is given: no student can lower that
    0.97,
    (changed) =>
      turboRecipe({
        ...shared(changed),
        guidance: 1,
        // the teacher's part alone: what the critic wants is judged below
        distillation: 100,
        levels: [
          [749, 0.4],
          [499, 0.3],
          [249, 0.3],
        ],
        critic: headsCritic(base, SHAPE),
        criticLearningRate: changed.learningRate,
      }),
  ],
};

describe.each(Object.entries(recipes))("%s", (_, [metric, part, make]) => {
  it("brings the student nearer to its teacher in 50 iterations; a control with learning rate 0 stays", async () => {
    const [before, after] = await beforeAndAfter(make, { resident: "lora.p", metric, peak: 2e-3, iterations: 50 });
    expect(after).toBeLessThan(part * before);
    const control = { resident: "lora.p", metric, peak: 0, iterations: 3 };
    const [controlBefore, controlAfter, start, end] = await beforeAndAfter(make, control);
    expect(controlAfter).toBe(controlBefore);
    expect(end).toEqual(start);
  });
});

describe.each([
  ["unconditional", false],
  ["conditional", true],
])("the %s adversarial stage", (_, conditional) => {
  const still = { peak: 0, decay: "constant" } as const;
  /** The student starts far from its teacher. */
  const astray = randomStream(2, "astray", 0)
    .normals(adapterLength)
    .map((x) => 0.2 * x);
  const stage = (changed: Changed, criticRate: LearningRate) =>
    lightningRecipe({
      start: astray,
      ...shared(changed),
      steps: 2,
      teacherSteps: 4,
      timesteps: [999],
      loss: {
        kind: "adversarial",
        critic: encoderCritic(base, SHAPE, conditional, canonicalOf(base)),
        learningRate: criticRate,
      },
    });
  it("teaches the critic to tell a student that stands still from its teacher", async () => {
    const lines = await metricsOf(
      stage({ learningRate: still, iterations: 60 }, { peak: 2e-4, warmUp: 20, decay: "constant" }),
    );
    const values = lines.map(({ critic }) => critic!);
    expect(mean(values.slice(-10))).toBeLessThan(0.9 * mean(values.slice(0, 5)));
  });
  it("teaches the student to please a critic that stands still", async () => {
    const [before, after] = await beforeAndAfter((changed) => stage(changed, still), {
      resident: "lora.p",
      metric: "loss",
      peak: 1e-3,
      iterations: 50,
    });
    expect(after).toBeLessThan(0.95 * before);
  });
});

it("activations that are computed again change no number, and less of them is alive", async () => {
  const make = (segments: number) =>
    lcmRecipe({
      ...shared({ iterations: 3, learningRate: { peak: 1e-3, decay: "constant" } }),
      guidance: [1, 2],
      optimiser: { segments },
    });
  const [kept, again] = [await metricsOf(make(1)), await metricsOf(make(6))];
  for (const [i, { loss, norm }] of again.entries()) {
    expect(loss).toBeCloseTo(kept[i]!.loss!, 5);
    expect(norm).toBeCloseTo(kept[i]!.norm!, 5);
  }
  const [few, many] = [make(1), make(6)].map(({ programs }) => programs[0]!);
  expect(many!.graph.nodes.length).toBeGreaterThan(few!.graph.nodes.length);
  expect(programCost(many!).peakBytes).toBeLessThan(programCost(few!).peakBytes);
});
