import { beforeAll, describe, expect, it } from "vitest";
import { latentSet } from "../data/latent-set.js";
import { randomStream } from "../optim/random-stream.js";
import { bucketedRecipe } from "./bucketed.js";
import { encoderCritic } from "./critic.js";
import type { DistillBase } from "./distillation.js";
import { lcmRecipe } from "./lcm.js";
import { lightningRecipe } from "./lightning.js";
import { brokenOff, canonicalOf, constantRate, distillOptions, runOf, trainedBase } from "./toy.test.fixture.js";

let base: DistillBase;
beforeAll(async () => {
  base = await trainedBase(2);
});

const dataOf = (shape: readonly [number, number, number], count: number) =>
  latentSet(
    randomStream(count, "latents", 0).normals(count * shape[0] * shape[1] * shape[2]),
    shape,
    Array.from({ length: count }, () => ""),
  );
const wide = dataOf([4, 8, 16], 3);
const square = dataOf([4, 8, 8], 9);
const options = (data: typeof wide) => ({
  ...distillOptions(base, 2),
  ...{ data, shape: data.shape, iterations: 6, learningRate: constantRate(1e-3) },
});
const lcm = (data: typeof wide) => ({
  recipe: lcmRecipe({ ...options(data), guidance: [1, 2] }),
  pictures: data.count,
});

describe("a recipe over shapes", () => {
  it("trains one adapter on all of them, each as often as it has pictures", async () => {
    const seen: string[] = [];
    const watched = (name: string, part: ReturnType<typeof lcm>) => ({
      ...part,
      recipe: {
        ...part.recipe,
        iterate: async () => {
          seen.push(name);
          return { loss: 0 };
        },
      },
    });
    const counted = bucketedRecipe([watched("square", lcm(square)), watched("wide", lcm(wide))]);
    for (let index = 0; index < 400; index++) await counted.iterate({ runner: undefined as never, index });
    const part = seen.filter((name) => name === "wide").length / seen.length;
    // a quarter of the pictures; three standard deviations of 400 draws
    expect(Math.abs(part - 0.25)).toBeLessThan(0.065);

    const recipe = bucketedRecipe([lcm(square), lcm(wide)]);
    expect(recipe.programs).toHaveLength(2);
    const { lines, vectors } = await runOf(recipe);
    expect(lines.every(({ loss }) => Number.isFinite(loss))).toBe(true);
    expect(vectors.get("lora.p")).not.toEqual(recipe.initial.get("lora.p"));
  });
  it("goes on after a break as it would have", async () => {
    const make = () => bucketedRecipe([lcm(square), lcm(wide)]);
    const { vectors } = await runOf(make());
    expect(await brokenOff(make(), 3)).toEqual(vectors);
  });
  it("of one shape is that shape's", () => {
    const part = lcm(square);
    expect(bucketedRecipe([part])).toBe(part.recipe);
  });
  it("refuses a critic whose head hangs on the shape", () => {
    const adversarial = (data: typeof wide) => ({
      recipe: lightningRecipe({
        ...options(data),
        steps: 4,
        teacherSteps: 2,
        loss: {
          kind: "adversarial",
          critic: encoderCritic(base, data.shape, true, canonicalOf(base)),
          learningRate: constantRate(1e-4),
        },
      }),
      pictures: data.count,
    });
    const larger = dataOf([4, 32, 32], 2);
    expect(() => bucketedRecipe([adversarial(square), adversarial(larger)])).toThrowError(
      expect.objectContaining({ code: "buckets-do-not-fit" }),
    );
  });
});
