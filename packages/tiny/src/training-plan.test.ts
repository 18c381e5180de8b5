import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { CRITIC } from "./critic/critic.js";
import { JUDGE } from "./judge/judge.js";
import { TINY_ACCELERATORS, tinyLora, tinyModel } from "./model.js";
import { stageArguments, stageCommand, TRAINING_PLAN } from "./training-plan.js";

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
  it("needs no further stage for what ships", () => {
    const further = new Set(TRAINING_PLAN.filter((stage) => stage.further).map(({ name }) => name));
    expect(further.size).toBeGreaterThan(0);
    for (const { ships, from, further: own } of TRAINING_PLAN) {
      expect(ships && own).not.toBe(true);
      if (!own) expect(Object.values(from).filter((name) => further.has(name))).toEqual([]);
    }
  });
  it.each([CRITIC, JUDGE])("trains the $name by the classifier's program, with the numbers of its spec", (spec) => {
    const stage = TRAINING_PLAN.find(({ verb }) => verb === spec.name)!;
    const { name, iterations, batch, seed, learningRate } = spec;
    expect(stage).toMatchObject({ iterations, batch, seed, learningRate: learningRate.peak });
    expect(stage.pictures).toBe(iterations * batch);
    expect(stageCommand(stage, "/made")).toEqual({
      program: "train:classifier",
      arguments: [name, `/made/${name}.safetensors`, `/made/${name}-state`, String(iterations)],
    });
  });
  it("writes options that have no value as such", () => {
    const stage = TRAINING_PLAN.find(({ name }) => name === "tiny-hyper-score-1")!;
    const args = stageCommand(stage, "/made").arguments;
    expect(args[args.indexOf("--score-distillation") + 1]).toMatch(/^--/);
  });
  it("is in the model card, command by command", () => {
    const card = readFileSync(new URL("../MODEL_CARD.md", import.meta.url), "utf8");
    const needed = TRAINING_PLAN.filter(({ further }) => !further);
    const commands = needed.map((stage) => `fewstep ${stageArguments(stage, "made").join(" ")}`);
    expect(card).toContain(`${commands.join("\n")}\n\`\`\``);
  });
  it("names the files of each stage", () => {
    const line = stageArguments(TRAINING_PLAN.find(({ name }) => name === "tiny-first")!, "/made").join(" ");
    expect(line).toMatch(/^train base --data illustrator --pictures \d+ --steps \d+ /);
    expect(line).toContain("--vae /made/vae.safetensors");
    expect(line).toContain("--out /made/tiny-first.safetensors");
  });
});

describe("the embedded model", () => {
  it("is a file that is there, or undefined", async () => {
    for (const file of [await tinyModel(), ...(await Promise.all(TINY_ACCELERATORS.map(tinyLora)))])
      expect(file === undefined || file.path.endsWith(".safetensors")).toBe(true);
  });
});
