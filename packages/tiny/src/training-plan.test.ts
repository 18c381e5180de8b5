import { describe, expect, it } from "vitest";
import { TINY_ACCELERATORS, tinyLora, tinyModel } from "./model.js";
import { stageArguments, TRAINING_PLAN } from "./training-plan.js";

describe("the training plan", () => {
  it("makes what the package ships, each stage from results of earlier ones", () => {
    const made = new Set<string>();
    for (const { name, from } of TRAINING_PLAN) {
      for (const needed of Object.values(from)) expect(made, `${name} needs ${needed}`).toContain(needed);
      expect(made).not.toContain(name);
      made.add(name);
    }
    expect(TRAINING_PLAN.filter(({ ships }) => ships).map(({ name }) => name)).toEqual([
      "tiny",
      ...TINY_ACCELERATORS.map((accelerator) => `tiny-${accelerator}`),
    ]);
  });
  it("names the files of each stage", () => {
    const line = stageArguments(TRAINING_PLAN[1]!, "/made").join(" ");
    expect(line).toMatch(/^train base --data illustrator --pictures \d+ --steps \d+ /);
    expect(line).toContain("--vae /made/vae.safetensors");
    expect(line).toContain("--out /made/tiny.safetensors");
  });
});

describe("the embedded model", () => {
  it("is a file that is there, or undefined", async () => {
    for (const file of [await tinyModel(), ...(await Promise.all(TINY_ACCELERATORS.map(tinyLora)))])
      expect(file === undefined || file.path.endsWith(".safetensors")).toBe(true);
  });
});
