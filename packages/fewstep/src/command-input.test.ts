// Bad input to the command: every one is an error that says what was found, ends with 2, prints nothing on stdout and writes nothing.
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { CommandFolder } from "./run-command.test.fixture.js";
import { testModel } from "./test-models.test.fixture.js";

let folder: CommandFolder;
let model = "";
let before: readonly string[] = [];

beforeAll(() => {
  folder = new CommandFolder();
  model = testModel("sd15-tiny");
  mkdirSync(join(folder.path, "folder"));
  writeFileSync(join(folder.path, "pickle.safetensors"), Uint8Array.of(0x80, 2, 0x7d, 0x71, 0, 0, 0, 0, 0, 0));
  writeFileSync(join(folder.path, "zip.ckpt"), "PK\u0003\u0004aaaaaaaaaaaaaaaaaaaaaaaaaa archive/data.pkl");
  writeFileSync(join(folder.path, "page.safetensors"), "<!DOCTYPE html><html>log in</html>");
  writeFileSync(join(folder.path, "pointer.safetensors"), "version https://git-lfs.github.com/spec/v1\noid sha256:1\n");
  writeFileSync(join(folder.path, "empty.safetensors"), "");
  writeFileSync(join(folder.path, "gzip.safetensors"), Uint8Array.of(0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 0, 0));
  writeFileSync(join(folder.path, "prompts.bin"), Uint8Array.of(0x61, 0xff, 0xfe));
  writeFileSync(join(folder.path, "nul.txt"), "a\0cat\n");
  writeFileSync(join(folder.path, "blank.txt"), " \n\n");
  before = folder.files();
});
afterAll(() => folder.remove());

async function expectRefused(args: readonly string[], says: string): Promise<void> {
  const { code, stdout, stderr } = await folder.run(args);
  expect({ code, stdout, files: folder.files() }).toEqual({ code: 2, stdout: "", files: before });
  expect(stderr).toContain(says);
}

const generate = (...args: readonly string[]) => ["generate", "a cat", "--model", model, "--steps", "1", ...args];

describe("values", () => {
  test.each([
    [["--size", "0x64"], "the width is not possible"],
    [["--size", "64x-8"], "the height is not possible"],
    [["--size", "513x512"], "nearest: 512"],
    [["--size", "1000000000"], "the width is not possible"],
    [["--size", "NaNx8"], "--size cannot be read"],
    [["--size", "2147483648x8"], "the width is not possible"],
    [["--steps", "0"], "--steps cannot be read"],
    [["--steps", "-1"], "--steps cannot be read"],
    [["--steps", "1e9"], "--steps cannot be read"],
    [["--steps", "1.5"], "--steps cannot be read"],
    [["--cfg", "0"], "1 means no guidance here"],
    [["--cfg", "-1"], "the guidance is not possible"],
    [["--cfg", "NaN"], "--cfg cannot be read"],
    [["--cfg", ""], "--cfg cannot be read"],
    [["--count", "0"], "--count cannot be read"],
    [["--count", "1000000"], "--count cannot be read"],
    [["--seed", "18446744073709551616"], "--seed cannot be read"],
    [["--seed", "18446744073709551615", "--count", "2"], "a seed is not possible"],
    [["--seed", "abc"], "--seed cannot be read"],
    [["--eta", "0x10"], "--eta cannot be read"],
    [["--clip-skip", "0"], "--clip-skip cannot be read"],
    [["--sampler", "eulr"], "did you mean"],
    [["--schedule", "karas"], "did you mean"],
    [["--grammar", "x"], "--grammar cannot be read"],
    [["--device", "tpu"], "--device cannot be read"],
    [["--threads", "0"], "--threads cannot be read"],
    [["--timesteps", "999,,1"], "--timesteps cannot be read"],
    [["--timesteps", "1,2"], "timesteps"],
    [["--lora", "x.safetensors:abc"], "a LoRA's strength is not possible"],
    [["--lora", "x.safetensors:1e9"], "a number from -100 to 100"],
    [["--lora", "x.safetensors:"], "a LoRA's strength is not possible"],
    [["--lora", "x.safetensors:,"], "a LoRA's strength is not possible"],
    [["--lora", "x.safetensors:0x"], "a LoRA's strength is not possible"],
    [["--nope"], "unknown option '--nope'"],
    [["--cfg-scale", "7"], "here it is --cfg"],
    [["--denoise=0.5"], "here it is --strength"],
    [["another"], 'in quotes: "a cat"'],
    [["--subseed", "9"], "--subseed means nothing alone"],
    [["--subseed", "-1", "--subseed-strength", "0.5"], "--subseed cannot be read"],
    [["--clip-skip", "12"], "has not so many text layers"],
  ])("%j", (args, says) => expectRefused(generate(...args), says));
});

describe("files", () => {
  test.each([
    ["pickle.safetensors", "a pickle"],
    ["zip.ckpt", "a PyTorch checkpoint"],
    ["page.safetensors", "page.safetensors"],
    ["pointer.safetensors", "git lfs pull"],
    ["empty.safetensors", "empty.safetensors"],
    ["gzip.safetensors", "gzip.safetensors"],
    ["none.safetensors", "there is no such file"],
    ["folder", "model_index.json"],
  ])("%s as model", (file, says) => expectRefused(["generate", "a", "--steps", "1", "--model", file], says));

  test("a model where a LoRA belongs, and the other way round", async () => {
    const lora = testModel("sd15-lora-kohya");
    await expectRefused(generate("--lora", model), "cannot be used here: this is a Stable Diffusion checkpoint");
    await expectRefused(["generate", "a", "--steps", "1", "--model", lora], "cannot be used here: this is an adapter");
  });

  test("a LoRA of another family, and one twice", async () => {
    const lora = testModel("sd15-lora-kohya");
    await expectRefused(generate("--lora", lora, "--lora", `${lora}:0.5`), "a LoRA is given twice");
    const sdxl = ["generate", "a", "--steps", "1", "--model", testModel("sdxl-tiny"), "--lora", lora];
    await expectRefused(sdxl, "text states");
  });
});

test("without steps, and without a file that brings them, the error says what most models want", async () => {
  const args = ["generate", "a cat", "--model", model];
  await expectRefused(args, "--steps 20 --cfg 7");
  await expectRefused([...args, "--lora", testModel("sd15-lora-kohya")], "--steps 20 --cfg 7");
});

describe("outputs", () => {
  test.each([
    ["folder", "ends in .png, .jpg, .jpeg or .webp"],
    ["cat.gif", "JPEG and WebP need the sharp package"],
    ["nowhere/cat.png", "a folder that exists"],
    [`${"x".repeat(5000)}.png`, "ENAMETOOLONG"],
    ["pickle.safetensors/cat.png", "a folder that exists"],
  ])("%s", (out, says) => expectRefused(generate("--out", out), says));
});

describe("prompts", () => {
  test.each([
    [["--prompts-file", "prompts.bin"], "bytes that are not UTF-8"],
    [["--prompts-file", "nul.txt"], "a NUL character"],
    [["--prompts-file", "blank.txt"], "0 lines with text"],
    [["--prompts-file", "none.txt"], "ENOENT"],
    [["--prompts-file", "folder"], "EISDIR"],
    [[], "there is no prompt"],
  ])("%j", (args, says) => expectRefused(["generate", "--model", model, "--steps", "1", ...args], says));

  test("hostile texts end in time", async () => {
    const start = performance.now();
    await expectRefused(generate().with(1, `${"(".repeat(60_000)}`), "prompt");
    await expectRefused(generate().with(1, "[a:b:1e309]<lora:../../x:1>"), "no lora has this name");
    expect(performance.now() - start).toBeLessThan(20_000);
  });
});

test("--json prints the error as JSON too, and nothing else", async () => {
  const { code, stdout } = await folder.run(generate("--size", "65x64", "--json"));
  expect(code).toBe(2);
  expect(JSON.parse(stdout)).toEqual({
    error: {
      code: "bad-size",
      kind: "input",
      message: "the width is not possible",
      found: "65",
      expected: "a multiple of 8 from 8 to 16384",
      hint: "nearest: 64",
    },
  });
});

test("settings that cannot be used are named", async () => {
  const own = new CommandFolder();
  try {
    const { stdout } = await own.run(["config", "--json"]);
    const { path } = JSON.parse(stdout) as { path: string };
    mkdirSync(join(path, ".."), { recursive: true });
    for (const text of [
      "{",
      "[]",
      '{"comfyui": 1}',
      '{"comfyui": "relative"}',
      '{"other": "/x"}',
      '{"__proto__": {}}',
    ]) {
      writeFileSync(path, text);
      const { code, stderr } = await own.run(["config"]);
      expect({ text, code }).toEqual({ text, code: 2 });
      expect(stderr).toContain("the settings file cannot be used");
    }
  } finally {
    own.remove();
  }
});
