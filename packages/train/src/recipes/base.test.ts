import { describe, expect, it } from "vitest";
import { baseRecipe } from "./base.js";
import { baseOptions, mean, metricsOf } from "./toy.test.fixture.js";

const losses = async (options: Partial<typeof baseOptions>) =>
  (await metricsOf(baseRecipe({ ...baseOptions, ...options }))).map(({ loss }) => loss!);

describe.each(["epsilon", "v", "sample"] as const)("training from nothing, %s prediction", (prediction) => {
  it("learns in 50 iterations what a control with learning rate 0 does not", async () => {
    const learned = await losses({ prediction });
    const control = await losses({ prediction, iterations: 20, learningRate: { peak: 0, decay: "constant" } });
    const [first, last] = [mean(learned.slice(0, 5)), mean(learned.slice(-10))];
    expect(last).toBeLessThan(0.75 * first);
    expect(mean(control.slice(-10))).toBeGreaterThan(0.9 * mean(control.slice(0, 5)));
  });
});

describe("a base recipe", () => {
  it("starts at the error of predicting nothing: the mean square of its target", async () => {
    const [first] = await losses({ prediction: "epsilon", iterations: 1 });
    // the last layer is zero, so the error is the noise's mean square: 1 within its spread
    expect(first).toBeGreaterThan(0.9);
    expect(first).toBeLessThan(1.1);
  });
  it("repeats itself to the bit", async () => {
    expect(await losses({ iterations: 5 })).toEqual(await losses({ iterations: 5 }));
  });
});
