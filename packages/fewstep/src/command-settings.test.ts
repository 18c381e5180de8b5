// Where a run's settings come from when they are not given: the file's own content, a tool's habits, what is saved for a model.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { CommandFolder } from "./run-command.test.fixture.js";
import { testModel } from "./test-models.test.fixture.js";

interface Plan {
  readonly schedule?: string;
  readonly grammar: string;
  readonly negative?: string;
  readonly sampling: {
    readonly sampler: { readonly name: string };
    readonly start: { readonly rule: string };
    readonly noise: { readonly source?: string; readonly batch?: string };
    readonly rows: readonly { readonly timestep: number; readonly guidance: number }[];
  };
}

let folder: CommandFolder;
let model = "";
let lcm = "";

beforeAll(() => {
  folder = new CommandFolder();
  [model, lcm] = ["sd15-tiny", "sd15-lcm-like"].map(testModel) as [string, string];
});
afterAll(() => folder.remove());

const run = (...args: readonly string[]) => folder.run(args);

async function planOf(...args: readonly string[]): Promise<{ readonly plan: Plan; readonly stderr: string }> {
  const { code, stdout, stderr } = await run("plan", "a cat", "--model", model, ...args, "--json");
  expect(code, stderr).toBe(0);
  return { plan: JSON.parse(stdout) as Plan, stderr };
}

/** A LoRA of LCM's layout whose alpha fits no published file's: what it is cannot be told. */
function unclearLora(name: string): string {
  const bytes = Buffer.from(readFileSync(lcm));
  const headerBytes = Number(bytes.readBigUInt64LE(0));
  const header = JSON.parse(bytes.subarray(8, 8 + headerBytes).toString("utf8")) as Record<
    string,
    { readonly data_offsets: readonly [number, number] }
  >;
  for (const [tensor, { data_offsets: [start, end] = [0, 0] }] of Object.entries(header)) {
    if (!tensor.endsWith(".alpha")) continue;
    // 4 in the stored float format
    if (end - start === 4) bytes.writeFloatLE(4, 8 + headerBytes + start);
    else bytes.writeUInt16LE(0x4400, 8 + headerBytes + start);
  }
  const path = join(folder.path, name);
  writeFileSync(path, bytes);
  return path;
}

test("a LoRA alone brings its publisher's settings, whatever its name, and says in a line what and why", async () => {
  const renamed = join(folder.path, "anything.safetensors");
  writeFileSync(renamed, readFileSync(lcm));
  const { plan, stderr } = await planOf("--lora", renamed);
  expect(plan.sampling.sampler.name).toBe("lcm");
  expect(plan.sampling.rows.map(({ timestep }) => timestep)).toEqual([999, 759, 499, 259]);
  const lines = stderr.split("\n").filter((line) => line.includes("LCM-LoRA"));
  expect(lines).toEqual([
    expect.stringMatching(/^by its content, anything\.safetensors is LCM-LoRA .*4 steps.*strength 1/),
  ]);
});

test("what is given by hand wins; none takes nothing from the file", async () => {
  const { plan } = await planOf("--lora", lcm, "--steps", "6", "--cfg", "1.5", "--sampler", "euler");
  expect(plan.sampling.sampler.name).toBe("euler");
  expect(plan.sampling.rows.map(({ guidance }) => guidance)).toEqual([1.5, 1.5, 1.5, 1.5, 1.5, 1.5]);
  const without = await planOf("--lora", lcm, "--accelerator", "none", "--steps", "5");
  expect([without.plan.sampling.sampler.name, without.plan.schedule]).toEqual(["euler", "trailing"]);
  const stepless = await run("plan", "a cat", "--model", model, "--lora", lcm, "--accelerator", "none");
  expect(stepless).toMatchObject({ code: 2, stderr: expect.stringContaining("steps is not said") });
});

test("where a file's content fits several it asks; a name decides and is said to", async () => {
  const unclear = unclearLora("mine.safetensors");
  const asked = await run("plan", "a cat", "--model", model, "--lora", unclear, "--json");
  expect(asked.code).toBe(2);
  const { error } = JSON.parse(asked.stdout) as {
    readonly error: { readonly code: string; readonly expected: string };
  };
  expect(error.code).toBe("accelerator-unclear");
  expect(error.expected).toContain("--accelerator hyper-4");
  expect((await planOf("--lora", unclear, "--steps", "4")).plan.sampling.sampler.name).toBe("euler");
  const named = unclearLora("Hyper-SD15-4steps-lora.safetensors");
  const { plan, stderr } = await planOf("--lora", named);
  expect(plan.sampling.sampler.name).toBe("ddim");
  expect(stderr).toMatch(/by its name, .*confirm it with --accelerator NAME/);
});

test("a preset fills what its maker set, in the maker's words, for whatever LoRA stands for that kind", async () => {
  const lora = ["--lora", testModel("sd15-lora-kohya")];
  const { plan } = await planOf(...lora, "--preset", "guide-8");
  expect(plan).toMatchObject({ schedule: "normal", grammar: "comfyui" });
  expect(plan.sampling).toMatchObject({ sampler: { name: "euler" }, start: { rule: "root" } });
  expect(plan.sampling.rows.map(({ guidance }) => guidance)).toEqual([1.5, 1.5, 1.5, 1.5, 1.5, 1.5]);
  expect((await planOf(...lora, "--preset", "guide-8", "--steps", "4")).plan.sampling.rows).toHaveLength(4);
  const unknown = await run("plan", "--family", "sd15", "--preset", "guide-10");
  expect(unknown).toMatchObject({ code: 2, stderr: expect.stringContaining("no preset has this name") });
});

test("--like sets what tools differ in, and reads names as the tool means them", async () => {
  const asked = ["--steps", "4", "--sampler", "euler_a", "--cfg", "2", "--count", "2", "--seed", "7"];
  const comfyui = (await planOf(...asked, "--like", "comfyui")).plan;
  expect(comfyui).toMatchObject({ grammar: "comfyui", negative: "", schedule: "normal" });
  expect(comfyui.sampling).toMatchObject({
    start: { rule: "root" },
    noise: { source: "torch-cpu", batch: "one-generator" },
  });
  const a1111 = (await planOf(...asked, "--schedule", "Beta", "--like", "a1111")).plan;
  expect(a1111).toMatchObject({ grammar: "a1111", schedule: "beta_sigmas" });
  expect(a1111.sampling).toMatchObject({ start: { rule: "sigma" }, noise: { source: "philox" } });
  expect((await planOf(...asked, "--schedule", "Beta")).plan.schedule).toBe("beta");
  const cpp = (await planOf("--steps", "4", "--sampler", "tcd", "--like", "sd.cpp")).plan;
  expect(cpp.sampling.sampler).toMatchObject({ name: "tcd", gamma: 0 });
});

test("defaults saved for a model count until something else is said; an accelerator beside it outranks them", async () => {
  const save = await run(
    "defaults",
    model,
    "--steps",
    "7",
    "--cfg",
    "2",
    "--sampler",
    "DPM++ SDE Karras",
    "--size",
    "320x256",
  );
  expect(save.code, save.stderr).toBe(0);
  const { plan } = await planOf();
  expect(plan).toMatchObject({ width: 320, height: 256, schedule: "karras" });
  expect(plan.sampling.sampler.name).toBe("dpmpp_sde");
  expect(plan.sampling.rows).toHaveLength(7);
  expect((await planOf("--steps", "3")).plan.sampling.rows).toHaveLength(3);
  const accelerated = (await planOf("--lora", lcm)).plan;
  expect(accelerated).toMatchObject({ width: 320, height: 256 });
  expect([accelerated.sampling.sampler.name, accelerated.sampling.rows.length]).toEqual(["lcm", 4]);
  const shown = await run("defaults");
  expect(shown.stdout).toContain("--sampler=DPM++ SDE Karras");
  // folders and defaults live in one file and leave one another alone
  expect((await run("config", "lora", folder.path)).code).toBe(0);
  expect((await run("defaults", model, "--json")).stdout).toContain('"steps":"7"');
  expect((await run("defaults", model, "--remove")).code).toBe(0);
  expect((await run("plan", "a cat", "--model", model)).code).toBe(2);
});

test("settings of a sampler that are more than numbers are saved as they are typed", async () => {
  const settings = async (...args: readonly string[]) => (await planOf("--steps", "8", ...args)).plan.sampling.sampler;
  const stochastic = ["--sampler", "euler", "--sampler-set", "churn=2.5:0.1:9,noise-scale=1.01"];
  const restarting = ["--sampler", "restart", "--sampler-set", "restarts=0.1:2:3:1/0.2:4:3:2"];
  for (const asked of [stochastic, restarting]) {
    const typed = await settings(...asked);
    const save = await run("defaults", model, ...asked);
    expect(save.code, save.stderr).toBe(0);
    expect(await settings()).toEqual(typed);
    expect((await run("defaults", model)).stdout).toContain(asked.at(-1)!.split(",")[0]);
    const made = await run(
      "generate",
      "a cat",
      "--model",
      model,
      "--steps",
      "3",
      "--size",
      "64x64",
      "--out",
      "saved.png",
      "--force",
    );
    expect(made.code, made.stderr).toBe(0);
    const again = await run("replay", "saved.png", "--model", model);
    expect(again).toMatchObject({ code: 0, stdout: "the same picture: every pixel is the same\n" });
    expect((await run("defaults", model, "--remove")).code).toBe(0);
  }
});

test("a damaged value in the settings is refused by name", async () => {
  expect((await run("defaults", model, "--steps", "0")).code).toBe(2);
  expect((await run("defaults", model)).stdout).toContain("nothing is saved");
});
