// `fewstep lint`: findings of a run from headers alone, and what they mean to `generate`.
import { copyFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { CommandFolder } from "./run-command.test.fixture.js";
import { testModel } from "./test-models.test.fixture.js";

interface Line {
  readonly code: string;
  readonly severity: string;
  readonly accelerator?: string;
}

let folder: CommandFolder;
let model = "";
let lcm = "";
let style = "";

beforeAll(() => {
  folder = new CommandFolder();
  [model, lcm, style] = ["sd15-tiny", "sd15-lcm-like", "sd15-lora-kohya"].map(testModel) as [string, string, string];
});
afterAll(() => folder.remove());

const lint = (...args: readonly string[]) => folder.run(["lint", "a cat", "--model", model, ...args]);
const findings = (stdout: string) =>
  (JSON.parse(stdout.split("\n")[0]!) as { readonly findings: readonly Line[] }).findings;

test("a publisher's own settings are nothing to speak of", async () => {
  const { code, stdout, stderr } = await lint("--lora", lcm, "--accelerator", "lcm", "--strict");
  expect({ code, stdout }, stderr).toEqual({ code: 0, stdout: "nothing to say\n" });
});

test("guidance that the accelerator was not made for: why, what to do, and whose word it is", async () => {
  const args = ["--lora", lcm, "--accelerator", "lcm", "--cfg", "7.5"];
  const { code, stdout, stderr } = await lint(...args);
  expect(code, "an error ends with 1 without --strict too").toBe(1);
  expect(stderr).toContain("guidance-burns");
  expect(stdout).toMatch(/^(error|warning) [a-z-]+\n {2}why: .*\n {2}fix: .*\n {2}source: .+\n/);
  const json = await lint(...args, "--json");
  expect(findings(json.stdout)).toContainEqual(
    expect.objectContaining({ code: expect.stringContaining("guidance"), accelerator: "LCM-LoRA for SD1.5" }),
  );
  const strict = await lint(...args, "--strict");
  expect(strict.code).toBe(1);
  expect(strict.stdout).toBe(stdout);
  expect(strict.stderr).toContain("--strict");
});

test("--accelerator says what a file is that nobody recognises", async () => {
  const args = ["--lora", style, "--accelerator", "lcm", "--cfg", "7.5", "--json"];
  const { code, stdout } = await lint(...args);
  expect(code).toBe(1);
  expect(findings(stdout)).toContainEqual(expect.objectContaining({ accelerator: "LCM-LoRA for SD1.5" }));
});

test("warnings end with 1 only under --strict", async () => {
  const args = ["--lora", lcm, "--steps", "9"];
  const { code, stdout } = await lint(...args);
  expect({ code, stdout }).toMatchObject({ code: 0, stdout: expect.stringContaining("warning too-many-steps") });
  expect((await lint(...args, "--strict")).code).toBe(1);
});

test("a second accelerator is found beside the one that is asked for", async () => {
  const copy = join(folder.path, "copy.safetensors");
  copyFileSync(lcm, copy);
  const { code, stdout } = await lint("--lora", copy, "--lora", lcm, "--accelerator", "lcm", "--json");
  rmSync(copy);
  expect(code).toBe(1);
  expect(findings(stdout)).toContainEqual(expect.objectContaining({ code: "accelerator-twice", severity: "error" }));
});

test("the guide's runs by name: on their own base they give what is derived for them, on another they are refused", async () => {
  const codes = async (...args: readonly string[]) => {
    const { stdout, stderr } = await lint(...args, "--size", "512x512", "--json");
    expect(stdout, stderr).toContain("findings");
    return findings(stdout).map((finding) => finding.code);
  };
  expect(await codes("--lora", lcm, "--preset", "guide-5")).toEqual([]);
  const hyper = ["--lora", style];
  expect(await codes(...hyper, "--preset", "guide-8")).toEqual(
    expect.arrayContaining(["more-steps-than-file", "last-step-wasted", "guidance-not-published"]),
  );
  expect(await codes(...hyper, "--preset", "guide-8", "--steps", "4", "--cfg", "1")).not.toContain(
    "more-steps-than-file",
  );
  const other = await lint("--lora", lcm, "--preset", "guide-4");
  expect(other).toMatchObject({ code: 2, stderr: expect.stringContaining("guide-4 is a run on Stable Diffusion XL") });
});

test("a small size is warned of by generate, which blocks only with --strict", async () => {
  const args = ["generate", "a cat", "--model", model, "--size", "64x64", "--steps", "1", "--out", "a.png"];
  const blocked = await folder.run([...args, "--strict"]);
  expect(blocked).toMatchObject({ code: 1, stdout: "" });
  expect(blocked.stderr).not.toContain("loading");
  expect(folder.files()).toEqual([]);
  const { code, stderr } = await folder.run(args);
  expect(code).toBe(0);
  expect(stderr).toMatch(/warning [a-z-]+: 64 x 64 is less than half/);
  expect(stderr.indexOf("warning")).toBeLessThan(stderr.indexOf("loading"));
  expect(folder.files()).toEqual(["a.png"]);
});

test("SDXL's own VAE is spoken of where the tool that is imitated decodes in F16, and only there", async () => {
  const sdxl = testModel("sdxl-tiny");
  const fixed = join(folder.path, "sdxl-vae-fp16-fix.safetensors");
  copyFileSync(sdxl, fixed);
  const said = async (...args: readonly string[]) => {
    const run = ["lint", "a cat", "--model", sdxl, "--steps", "25", "--cfg", "7", "--json", ...args];
    const { stdout, stderr } = await folder.run(run);
    expect(stdout, stderr).toContain("findings");
    return findings(stdout).filter((finding) => finding.code === "vae-overflows-in-f16");
  };
  expect(await said("--like", "a1111")).toEqual([expect.objectContaining({ severity: "note" })]);
  expect(await said("--like", "sd.cpp", "--vae", sdxl)).toHaveLength(1);
  expect(await said("--like", "a1111", "--vae", fixed)).toEqual([]);
  for (const tool of ["sd.cpp", "comfyui", "diffusers"]) expect(await said("--like", tool)).toEqual([]);
  expect(await said()).toEqual([]);
  rmSync(fixed);
});

test("without a model the embedded one is looked at: its own accelerators need nothing said", async () => {
  for (const name of ["lcm", "lightning", "hyper", "turbo"])
    expect(await folder.run(["lint", "1girl", "--accelerator", name])).toMatchObject({
      code: 0,
      stdout: "nothing to say\n",
    });
  const few = await folder.run(["lint", "1girl", "--steps", "4", "--json"]);
  expect(few.stdout).toContain("few-steps-without-accelerator");
});
