// A run that will not fit is refused before it loads anything, with both amounts and a way out.
import { type Checkpoint, families, type GeneratePlan, planGenerate } from "@fewstep/core";
import { openModel, planFacts } from "@fewstep/core/node";
import { beforeAll, expect, test } from "vitest";
import { testModel } from "../test-models.test.fixture.js";
import { checkMemory } from "./check-memory.js";

let checkpoint: Checkpoint;
let plan: GeneratePlan;
beforeAll(async () => {
  checkpoint = await openModel(testModel("sd15-tiny"));
  plan = planGenerate(planFacts(checkpoint), { prompt: "a cat", sampling: { steps: 1 } });
});

const check = (bytes: number, memory: "low" | "fast") =>
  checkMemory({ checkpoint }, [{ plan, loras: [] }], { memory }, async () => ({ bytes, source: "control group" }));

test("enough is enough", async () => {
  expect(checkpoint.family).toBe(families.sd15);
  await expect(check(2e9, "low")).resolves.toBeUndefined();
});

test("too little is said with both amounts, and whose limit it is", async () => {
  await expect(check(0.4e9, "low")).rejects.toMatchObject({
    code: "memory-too-small",
    kind: "input",
    message: expect.stringMatching(/^this run needs about \d\.\d GB, and 0\.4 GB are free/),
    found: "0.4 GB within the limit of this control group",
    hint: expect.stringContaining("--size"),
  });
});

test("weights in float32 take more, and the remedy says so", async () => {
  const bytes = 1.1e9;
  await expect(check(bytes, "low")).resolves.toBeUndefined();
  await expect(check(bytes, "fast")).rejects.toMatchObject({ hint: expect.stringContaining("--memory low") });
});
