// `fewstep explain`: a run held against its accelerator's trained timesteps, from a name alone or from files.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { CommandFolder } from "./run-command.test.fixture.js";
import { testModel } from "./test-models.test.fixture.js";

let folder: CommandFolder;
beforeAll(() => {
  folder = new CommandFolder();
});
afterAll(() => folder.remove());

const lightning = ["explain", "--family", "sdxl", "--accelerator", "lightning-4"];

test("a publisher's own steps fall on trained timesteps; other steps do not", async () => {
  const own = await folder.run(lightning);
  expect(own.code, own.stderr).toBe(0);
  expect(own.stdout).toContain("farthest from a trained timestep: 0, on average 0");
  const other = await folder.run([...lightning, "--steps", "5", "--json"]);
  expect(other.code, other.stderr).toBe(0);
  const { steps, farthest } = JSON.parse(other.stdout) as { steps: readonly object[]; farthest: number };
  expect(steps).toHaveLength(5);
  expect(farthest).toBeGreaterThan(0);
});

test("nothing named: the embedded model, as generate takes it; an accelerator or preset of other models names their family", async () => {
  const own = await folder.run(["explain", "--accelerator", "turbo"]);
  expect(own.code, own.stderr).toBe(0);
  expect(own.stdout).toContain("turbo, trained by fewstep");
  expect(own.stdout).toContain("farthest from a trained timestep: 0, on average 0");
  const plan = await folder.run(["plan", "a cat"]);
  expect(plan.stdout).toMatch(/^128x128, seed 0\nsampler ddim/);
  expect(plan.stderr).toContain("no --model: the embedded model of 128x128 pixels, 25 steps");
  expect((await folder.run(["plan", "--accelerator", "hyper-8"])).stdout).toMatch(/^512x512/);
  expect((await folder.run(["plan", "--preset", "guide-3"])).stdout).toMatch(/^1024x1024/);
});

test("as a picture, which replaces a file only with --force", async () => {
  const args = [...lightning, "--svg", "steps.svg"];
  expect((await folder.run(args)).code).toBe(0);
  expect(readFileSync(join(folder.path, "steps.svg"), "utf8")).toMatch(/^<svg .*<\/svg>\s*$/s);
  expect(await folder.run(args)).toMatchObject({ code: 2, stdout: "" });
  expect((await folder.run([...args, "--force"])).code).toBe(0);
});

test("with files; without an accelerator there is nothing to hold the run against", async () => {
  const model = ["--model", testModel("sd15-tiny")];
  const lora = ["--lora", testModel("sd15-lcm-like"), "--accelerator", "lcm"];
  const { code, stdout, stderr } = await folder.run(["explain", ...model, ...lora]);
  expect(code, stderr).toBe(0);
  expect(stdout).toMatch(/^LCM-LoRA for SD1\.5, lcm\n/);
  const none = await folder.run(["explain", ...model, "--steps", "4"]);
  expect(none).toMatchObject({ code: 2, stdout: "" });
  expect(none.stderr).toContain("no accelerator");
});
