// `fewstep`, `inspect`, `plan` and `config` as processes: help, codes, tables, JSON.
import { copyFileSync, mkdirSync, openSync, writeSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { CommandFolder } from "./run-command.test.fixture.js";
import { testModel } from "./test-models.test.fixture.js";

let folder: CommandFolder;
beforeAll(() => {
  folder = new CommandFolder();
});
afterAll(() => folder.remove());

const json = async (...args: readonly string[]) => {
  const { code, stdout } = await folder.run([...args, "--json"]);
  expect(code).toBe(0);
  return JSON.parse(stdout) as Record<string, unknown>;
};

test("bare: help with examples on stdout; wrong verbs and options: 2, stdout empty", async () => {
  const bare = await folder.run([]);
  expect(bare).toMatchObject({ code: 0, stderr: "" });
  for (const text of ["Usage: fewstep", "generate", "inspect", "plan", "config", "Examples:"]) {
    expect(bare.stdout).toContain(text);
  }
  expect(await folder.run(["--version"])).toMatchObject({ code: 0, stdout: "0.1.0\n" });
  expect(await folder.run(["generate", "--help"])).toMatchObject({ code: 0, stderr: "" });
  for (const args of [["paint"], ["--paint"], ["generate", "--paint"], ["inspect"]]) {
    expect(await folder.run(args)).toMatchObject({ code: 2, stdout: "" });
  }
});

test("inspect: a checkpoint's family, parts and prediction", async () => {
  const found = await json("inspect", testModel("sdxl-tiny"));
  expect(found).toMatchObject({
    kind: "checkpoint",
    title: "a Stable Diffusion XL checkpoint",
    family: "sdxl",
    prediction: { type: "epsilon", evidence: "family default" },
    zeroTerminalSnr: false,
    unclaimed: { count: 0, first: [] },
    parts: [{ part: "unet" }, { part: "text encoder" }, { part: "text encoder" }, { part: "vae" }],
  });
  const text = await folder.run(["inspect", testModel("sd15-tiny")]);
  expect(text.stdout).toContain("a Stable Diffusion 1.x checkpoint");
});

test("inspect: a LoRA's rank, alpha and layers, and the accelerator it may be", async () => {
  const found = await json("inspect", testModel("sd15-lcm-like"));
  expect(found).toMatchObject({
    kind: "adapter",
    adapter: { algorithms: ["lora"], spelling: "kohya", ranks: [64], alphas: [8], targets: { unet: 278, text: 0 } },
    accelerator: { line: expect.stringContaining("LCM-LoRA for SD1.5 (likely): has 278 modules") },
  });
  expect((found.accelerator as { candidates: string[] }).candidates[0]).toBe("lcm");
  const kohya = await json("inspect", testModel("sd15-lora-kohya"));
  const { targets } = kohya.adapter as { targets: { text: number } };
  expect(targets.text).toBeGreaterThan(0);
});

test("inspect --deep names the tensor with NaN and ends with 2", async () => {
  const path = join(folder.path, "damaged.safetensors");
  copyFileSync(testModel("sd15-lora-kohya"), path);
  expect((await folder.run(["inspect", path, "--deep"])).code).toBe(0);
  const { length } = await headerOf(path);
  writeSync(openSync(path, "r+"), Uint8Array.of(0, 0x7e), 0, 2, 8 + length);
  const { code, stdout, stderr } = await folder.run(["inspect", path, "--deep", "--json"]);
  expect(code).toBe(2);
  expect(stderr).toContain("1 tensors with NaN or infinity");
  const [first] = stdout.trimEnd().split("\n");
  expect(JSON.parse(first!)).toMatchObject({ scan: { damaged: [{ nan: 1, infinite: 0 }] } });
});

async function headerOf(path: string): Promise<{ readonly length: number }> {
  const { openFile, openSafetensors } = await import("@fewstep/core/node");
  return { length: (await openSafetensors(await openFile(path))).headerBytes - 8 };
}

test("plan: the rows of a run, from a family or a file, with nothing loaded", async () => {
  const plan = await json("plan", "--steps", "4", "--sampler", "Euler a", "--family", "sdxl");
  expect(plan).toMatchObject({ width: 1024, height: 1024, schedule: "trailing" });
  const { rows } = plan.sampling as { rows: { timestep: number; sigma: number }[] };
  expect(rows.map(({ timestep }) => timestep)).toEqual([999, 749, 499, 249]);
  expect(rows[0]?.sigma).toBeCloseTo(14.6146, 4);
  const table = await folder.run(["plan", "--model", testModel("sd15-tiny"), "--steps", "2", "--sampler", "lcm"]);
  expect(table.code).toBe(0);
  expect(table.stdout).toContain("512x512, seed 0");
  expect(table.stdout.trimEnd().split("\n")).toHaveLength(7);
  const fast = await json("plan", "--family", "sdxl", "--accelerator", "lightning-4");
  expect(fast).toMatchObject({ sampling: { sampler: { name: "euler" } } });
  const timesteps = await json("plan", "--timesteps", "999,499", "--cfg", "3,1");
  expect((timesteps.sampling as { rows: { guidance: number }[] }).rows.map((row) => row.guidance)).toEqual([3, 1]);
});

test("plan without steps, or with an accelerator of another family, says what is missing", async () => {
  expect(await folder.run(["plan", "--family", "sd15"])).toMatchObject({ code: 2, stdout: "" });
  const other = await folder.run(["plan", "--family", "sd15", "--accelerator", "lightning-4"]);
  expect(other).toMatchObject({ code: 2, stdout: "" });
  expect(other.stderr).toContain("does not exist for Stable Diffusion 1.x");
});

test("config: folders are set, listed and removed again", async () => {
  mkdirSync(join(folder.path, "comfy"));
  mkdirSync(join(folder.path, "loras"));
  await json("config", "comfyui", "comfy");
  await json("config", "lora", "loras");
  const both = await json("config");
  expect(both.settings).toEqual({
    comfyui: join(folder.path, "comfy"),
    folders: { lora: [join(folder.path, "loras")] },
  });
  await json("config", "comfyui", "--remove");
  expect((await json("config", "lora", "loras", "--remove")).settings).toEqual({});
  expect(await folder.run(["config", "comfyui", "none"])).toMatchObject({ code: 2, stdout: "" });
  expect(await folder.run(["config", "colour", "blue"])).toMatchObject({ code: 2, stdout: "" });
});
