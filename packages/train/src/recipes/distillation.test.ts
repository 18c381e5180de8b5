import { beforeAll, describe, expect, it } from "vitest";
import { unpackFlat } from "../flat/layout.js";
import type { LearningRate } from "../optim/learning-rate.js";
import { randomStream } from "../optim/random-stream.js";
import { encoderCritic, headsCritic } from "./critic.js";
import type { DistillBase } from "./distillation.js";
import { hyperRecipe } from "./hyper.js";
import { lcmRecipe } from "./lcm.js";
import { lightningRecipe } from "./lightning.js";
import type { Recipe } from "./recipe.js";
import { distilledNetworks } from "./teacher.js";
import {
  alphaBar,
  beforeAndAfter,
  conditioning,
  data,
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

const shared = (changed: Changed) => ({
  base,
  conditioning,
  lora: { rank: 8, alpha: 8 },
  data,
  shape: SHAPE,
  alphaBar,
  batch: 8,
  seed: 1,
  ...changed,
});

const adapterLength = distilledNetworks(model.unet, (id) => id, { rank: 8, alpha: 8 }).layout.length;

const canonical = (name: string): Float32Array => {
  const { layout, resident } = base.sources[0]!;
  return unpackFlat(layout, base.residents.get(resident)!).get(base.nameOf(name))!;
};

/** Adapter recipes, and the distance of student and teacher that must fall. */
const recipes: Readonly<Record<string, readonly [metric: string, make: (changed: Changed) => Recipe]>> = {
  "latent consistency": ["loss", (changed) => lcmRecipe({ ...shared(changed), guidance: [1, 2] })],
  "progressive distillation": [
    "squared",
    (changed) =>
      lightningRecipe({ ...shared(changed), steps: 4, teacherSteps: 2, loss: { kind: "squared", guidance: 1.5 } }),
  ],
  "segmented consistency": [
    "squared",
    ({ iterations, ...changed }) =>
      hyperRecipe({
        ...shared({ iterations, ...changed }),
        guidance: [1, 2],
        stages: [{ segments: 4, iterations, squared: 1, adversarial: 0 }],
      }),
  ],
  turbo: [
    "distilled",
    (changed) =>
      turboRecipe({
        ...shared(changed),
        guidance: 1,
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

describe.each(Object.entries(recipes))("%s", (_, [metric, make]) => {
  it("brings the student nearer to its teacher in 50 iterations; a control with learning rate 0 stays", async () => {
    const [before, after] = await beforeAndAfter(make, { resident: "lora.p", metric, peak: 1e-3, iterations: 50 });
    expect(after).toBeLessThan(0.9 * before);
    const [controlBefore, controlAfter] = await beforeAndAfter(make, {
      resident: "lora.p",
      metric,
      peak: 0,
      iterations: 3,
    });
    expect(controlAfter).toBe(controlBefore);
  });
});

describe.each([
  ["unconditional", false],
  ["conditional", true],
])("the %s adversarial stage", (_, conditional) => {
  const still = { peak: 0, decay: "constant" } as const;
  const moving = { peak: 1e-3, decay: "constant" } as const;
  /** The student starts far from its teacher. */
  const stage = (learningRate: LearningRate, criticRate: LearningRate) =>
    lightningRecipe({
      ...shared({
        learningRate,
        iterations: 50,
        start: randomStream(2, "astray", 0)
          .normals(adapterLength)
          .map((x) => 0.2 * x),
      }),
      steps: 2,
      teacherSteps: 4,
      timesteps: [999],
      loss: {
        kind: "adversarial",
        critic: encoderCritic(base, SHAPE, conditional, canonical),
        learningRate: criticRate,
      },
    });
  const ends = async (recipe: Recipe, metric: string) => {
    const values = (await metricsOf(recipe)).map((line) => line[metric]!);
    return [mean(values.slice(0, 10)), mean(values.slice(-10))] as const;
  };
  it("teaches the critic to tell a student that stands still from its teacher", async () => {
    const [first, last] = await ends(stage(still, moving), "critic");
    expect(last).toBeLessThan(0.9 * first);
  });
  it("teaches the student to please a critic that stands still", async () => {
    const [first, last] = await ends(stage(moving, still), "loss");
    expect(last).toBeLessThan(0.9 * first);
  });
});
