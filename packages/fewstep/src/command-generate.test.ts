// `fewstep generate` from end to end on a small checkpoint: what it writes, prints and leaves behind.
import { spawnSync } from "node:child_process";
import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { decodePng, readMetadata } from "@fewstep/core";
import { afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { BIN, CommandFolder } from "./run-command.test.fixture.js";
import { testModel } from "./test-models.test.fixture.js";

let folder: CommandFolder;
let model = "";
let lcm = "";
let kohya = "";

beforeAll(() => {
  [model, lcm, kohya] = ["sd15-tiny", "sd15-lcm-like", "sd15-lora-kohya"].map(testModel) as [string, string, string];
});
beforeEach(() => {
  folder = new CommandFolder();
});
afterEach(() => folder.remove());

const small = ["--size", "64x64", "--steps", "2"];
const bytesOf = (name: string) => Uint8Array.from(readFileSync(join(folder.path, name)));
const jsonLines = (text: string) =>
  text
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as Record<string, unknown>);

test("a picture with everybody's and its own metadata, and nothing but its name on stdout", async () => {
  const { code, stdout, stderr } = await folder.run([
    ...["generate", "a (cat:1.2), <b>", "--negative", "blurry", "--model", model, "--lora", `${lcm}:0.8`],
    ...["--lora", `${kohya}:0.5:0.25`, "--steps", "4", "--cfg", "1.5", "--sampler", "LCM", "--seed", "7"],
    ...["--size", "64x72", "--clip-skip", "2", "--out", "cat.png"],
  ]);
  expect({ code, stdout }).toEqual({ code: 0, stdout: "cat.png\n" });
  expect(stderr).toContain("computing on cpu, ");
  expect(stderr).toContain("seed 7: step 4/4");
  expect(folder.files()).toEqual(["cat.png"]);
  const png = bytesOf("cat.png");
  const { width, height } = await decodePng(png);
  expect([width, height]).toEqual([64, 72]);
  const { entries, reading, faults } = await readMetadata(png);
  expect(faults).toEqual([]);
  expect(entries.map(({ keyword, text }) => [keyword, keyword === "parameters" ? text : ""])).toEqual([
    [
      "parameters",
      [
        `a (cat:1.2), <b> <lora:${name(lcm)}:0.8> <lora:${name(kohya)}:0.25:0.5>`,
        "Negative prompt: blurry",
        `Steps: 4, Sampler: LCM, Schedule type: lcm, CFG scale: 1.5, Seed: 7, Size: 64x72, Model hash: 7dd123c2dd, Model: ${name(model)}, Clip skip: 2, RNG: CPU, Lora hashes: "${name(lcm)}: 4b3780402fbe, ${name(kohya)}: ${KOHYA_HASH}", Version: fewstep 0.1.0`,
      ].join("\n"),
    ],
    ["fewstep", ""],
  ]);
  expect(reading).toMatchObject({
    tool: "fewstep",
    settings: { prompt: "a (cat:1.2), <b>", negative: "blurry", sampler: "lcm", seed: "7", clipSkip: 2, cfg: 1.5 },
  });
});

const KOHYA_HASH = "dc1e2c887e82";
const name = (path: string) => path.slice(path.lastIndexOf("/") + 1).replace(".safetensors", "");

test("seeds s, s + 1 ...: each picture is the one of its own run, to the last byte", async () => {
  const both = await folder.run([
    "generate",
    "a cat",
    "--model",
    model,
    ...small,
    "--seed",
    "7",
    "--count",
    "2",
    "--json",
  ]);
  expect(both.code).toBe(0);
  const alone = await folder.run(["generate", "a cat", "--model", model, ...small, "--seed", "8", "--out", "one.png"]);
  expect(alone.code).toBe(0);
  expect(folder.files()).toEqual(["fewstep-7.png", "fewstep-8.png", "one.png"]);
  expect((await decodePng(bytesOf("fewstep-8.png"))).data).toEqual((await decodePng(bytesOf("one.png"))).data);
  expect(bytesOf("fewstep-7.png")).not.toEqual(bytesOf("fewstep-8.png"));
  expect(jsonLines(both.stdout)).toEqual(
    ["7", "8"].map((seed) => ({
      path: `fewstep-${seed}.png`,
      seed,
      prompt: "a cat",
      negative: null,
      width: 64,
      height: 64,
      steps: 2,
      sampler: "euler",
      schedule: "trailing",
      guidance: [1, 1],
      device: "cpu",
      threads: expect.any(Number),
      seconds: expect.any(Number),
      model: name(model),
      modelHash: "7dd123c2dd",
      loras: [],
    })),
  );
});

test("prompts from stdin: one load, a picture for each line, blank lines aside", async () => {
  const args = ["generate", "--prompts-file", "-", "--model", model, ...small, "--seed", "1", "--out", "p.png"];
  const { code, stdout, stderr } = await folder.run(args, { stdin: "a cat\r\n\n  \na dog 🐕" });
  expect({ code, stdout }).toEqual({ code: 0, stdout: "p-1.png\np-2.png\n" });
  expect(stderr.match(/loading the UNet/g)).toHaveLength(1);
  const { reading } = await readMetadata(bytesOf("p-2.png"));
  expect(reading?.settings.prompt).toBe("a dog 🐕");
});

test("an existing file is refused before anything is loaded, and replaced with --force", async () => {
  const args = ["generate", "a cat", "--model", model, ...small, "--out", "a.png"];
  expect((await folder.run(args)).code).toBe(0);
  const before = statSync(join(folder.path, "a.png"));
  const refused = await folder.run(args);
  expect(refused).toMatchObject({ code: 2, stdout: "" });
  expect(refused.stderr).not.toContain("loading");
  expect(statSync(join(folder.path, "a.png"))).toMatchObject({ ino: before.ino, mtimeMs: before.mtimeMs });
  expect((await folder.run([...args, "--force"])).code).toBe(0);
});

test("previews lie beside the output while it is made, and go", async () => {
  const seen = new Set<string>();
  const { code } = await folder.run(
    ["generate", "a cat", "--model", model, ...small, "--steps", "3", "--preview", "--out", "a.png"],
    { onStderr: () => folder.files().forEach((file) => void seen.add(file)) },
  );
  expect(code).toBe(0);
  expect([...seen]).toContain("a.preview.png");
  expect(folder.files()).toEqual(["a.png"]);
});

test("an accelerator fills in what is not said, in the file that is it", async () => {
  const args = [
    "generate",
    "a cat",
    "--model",
    model,
    "--lora",
    lcm,
    "--accelerator",
    "lcm",
    "--size",
    "64x64",
    "--json",
  ];
  const { code, stdout, stderr } = await folder.run(args);
  expect(code).toBe(0);
  expect(jsonLines(stdout)).toMatchObject([
    { steps: 4, sampler: "lcm", guidance: [1, 1, 1, 1], loras: [{ strength: 1 }] },
  ]);
  expect(stderr).toContain("LCM-LoRA for SD1.5: 4 steps");
  const without = await folder.run(["generate", "a cat", "--model", model, "--accelerator", "lcm", "--out", "b.png"]);
  expect(without).toMatchObject({ code: 2, stdout: "" });
  expect(without.stderr).toContain("no file given can be it");
});

test("a seed of -1 is drawn, and a negative prompt that does nothing is told of", async () => {
  const args = [
    "generate",
    "a cat",
    "--seed",
    "-1",
    "--steps",
    "1",
    "--cfg",
    "1",
    "--negative",
    "dog",
    "--json",
    "--out",
    "r.png",
  ];
  const { code, stdout, stderr } = await folder.run([...args, "--model", model, "--size", "64x64"]);
  expect(code, stderr).toBe(0);
  expect(stderr).toContain("note negative-without-effect");
  expect(Number(jsonLines(stdout)[0]!.seed)).toBeGreaterThanOrEqual(0);
});

test("a reader that has seen enough takes no picture away", async () => {
  const args = "generate cat --count 3 --seed 5 --steps 1 --size 64x64 --out many.png --model".split(" ");
  const command = [process.execPath, BIN, ...args, model].map((word) => `'${word}'`).join(" ");
  const { status } = spawnSync("bash", ["-c", `set -o pipefail; ${command} | head -1`], { cwd: folder.path });
  expect(status).toBe(0);
  expect(folder.files()).toEqual(expect.arrayContaining(["many-5.png", "many-6.png", "many-7.png"]));
});

describe("Ctrl-C", () => {
  test.each(["loading the UNet", "step 1/"])("at %j ends within a second, nothing is left", async (milestone) => {
    let at = 0;
    const args = [
      "generate",
      "a cat",
      "--model",
      model,
      "--size",
      "256x256",
      "--steps",
      "50",
      "--preview",
      "--out",
      "a.png",
    ];
    const { code, stdout, stderr } = await folder.run(args, {
      onStderr(text, pid) {
        if (at !== 0 || !text.includes(milestone)) return;
        at = performance.now();
        process.kill(pid, "SIGINT");
      },
    });
    expect(performance.now() - at).toBeLessThan(1_000);
    expect({ code, stdout }).toEqual({ code: 130, stdout: "" });
    expect(stderr).toMatch(/fewstep: interrupted\n$/);
    expect(folder.files()).toEqual([]);
  });
});

describe("models by name", () => {
  test("are found in the folders of the settings; a LoRA in the prompt too", async () => {
    const { mkdirSync, symlinkSync } = await import("node:fs");
    for (const [kind, file, as] of [
      ["checkpoints", model, "small.safetensors"],
      ["loras", kohya, "style.safetensors"],
    ] as const) {
      mkdirSync(join(folder.path, "comfy", "models", kind), { recursive: true });
      symlinkSync(file, join(folder.path, "comfy", "models", kind, as));
    }
    expect((await folder.run(["config", "comfyui", "comfy"])).code).toBe(0);
    const args = ["generate", "a cat <lora:style:0.5>", "--model", "small", ...small, "--out", "a.png"];
    expect((await folder.run(args)).code).toBe(0);
    const { entries } = await readMetadata(bytesOf("a.png"));
    expect(entries[0]?.text).toMatch(/^a cat <lora:style:0.5>\nSteps: 2, .*Lora hashes: "style: [0-9a-f]{12}"/);
    const misspelt = await folder.run(["generate", "a cat", "--model", "smal", ...small, "--out", "b.png"]);
    expect(misspelt).toMatchObject({ code: 2, stdout: "" });
    expect(misspelt.stderr).toContain('"small"');
    for (const tag of ["../../a", "/etc/passwd", "style/../style"]) {
      const refused = await folder.run([
        "generate",
        `a <lora:${tag}:1>`,
        "--model",
        "small",
        ...small,
        "--out",
        "b.png",
      ]);
      expect(refused).toMatchObject({ code: 2, stdout: "" });
      expect(refused.stderr).toContain("no lora has this name");
    }
    expect(folder.files()).toEqual(["a.png", "comfy"]);
  });
});
