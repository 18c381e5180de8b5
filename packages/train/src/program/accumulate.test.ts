import { describe, expect, it } from "vitest";
import { ortRunner } from "../node/ort-runner.js";
import { baseRecipe } from "../recipes/base.js";
import type { Recipe } from "../recipes/recipe.js";
import { baseOptions, data } from "../recipes/toy.test.fixture.js";
import { train } from "../trainer/train.js";

async function weightsAfter(recipe: Recipe, at: readonly number[]): Promise<readonly Float32Array[]> {
  const runner = ortRunner({ threads: 1 });
  const found: Float32Array[] = [];
  for await (const { iteration } of train(recipe, { runner }))
    if (at.includes(iteration)) found.push(await runner.get("base.p"));
  await runner.dispose();
  return found;
}

const same = { count: 1, shape: data.shape, latent: () => data.latent(0), caption: () => "" };

describe("gradients gathered over several runs", () => {
  const options = { ...baseOptions, data: same, batch: 2, learningRate: { peak: 1e-3, decay: "constant" as const } };
  it("change the weights at every last run and at no other", async () => {
    const recipe = baseRecipe({ ...options, iterations: 6, optimiser: { accumulate: 3 } });
    const [first, second, third, , , sixth] = await weightsAfter(recipe, [1, 2, 3, 4, 5, 6]);
    expect(first).toEqual(recipe.initial.get("base.p"));
    expect(second).toEqual(first);
    expect(third).not.toEqual(first);
    expect(sixth).not.toEqual(third);
  });
  it("are the mean of the runs' gradients: the first update's momentum is that of each run alone, averaged", async () => {
    const clip = 1e9;
    const momentumOf = async (iterations: number, accumulate: number, from: number) => {
      const recipe = baseRecipe({ ...options, iterations, optimiser: { accumulate, clip } });
      const runner = ortRunner({ threads: 1 });
      for (const [name, values] of recipe.initial) await runner.set(name, values);
      for (let index = from; index < iterations; index++) await recipe.iterate({ runner, index });
      const momentum = await runner.get("base.m");
      await runner.dispose();
      return momentum;
    };
    const together = await momentumOf(2, 2, 0);
    const [one, two] = [await momentumOf(1, 1, 0), await momentumOf(2, 1, 1)];
    let [difference, size] = [0, 0];
    together.forEach((value, i) => {
      const mean = (one[i]! + two[i]!) / 2;
      difference += (value - mean) ** 2;
      size += mean ** 2;
    });
    expect(size).toBeGreaterThan(0);
    expect(Math.sqrt(difference / size)).toBeLessThan(1e-4);
  });
});
