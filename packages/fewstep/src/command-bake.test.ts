// `fewstep bake` and `extract` as processes: what they write, what they refuse, and what is left when they are interrupted.
import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import {
  decodePng,
  entriesOf,
  fromFloat32,
  layoutSafetensors,
  tensorChunks,
  type Weights,
  writeSafetensors,
} from "@fewstep/core";
import { openModel } from "@fewstep/core/node";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { CommandFolder } from "./run-command.test.fixture.js";
import { testModel } from "./test-models.test.fixture.js";

let folder: CommandFolder;
let model: string;
let lora: string;
beforeAll(() => {
  folder = new CommandFolder();
  model = testModel("sd15-tiny");
  lora = testModel("sd15-lora-kohya");
});
afterAll(() => folder.remove());

const bake = (...args: readonly string[]) => folder.run(["bake", "--model", model, ...args]);
const picture = async (out: string, ...args: readonly string[]) => {
  const settings = ["--steps", "1", "--sampler", "euler", "--size", "64x64", "--seed", "3", "--out", out];
  expect(await folder.run(["generate", "a cat", ...args, ...settings])).toMatchObject({ code: 0 });
  return (await decodePng(readFileSync(join(folder.path, out)))).data;
};

/** An adapter of one bias, 64 times the value. */
async function biasOf(name: string, value: number): Promise<void> {
  const bytes = fromFloat32(new Float32Array(64).fill(value), "f32");
  const tensor = { name: "lora_unet_conv_in.diff_b", dtype: "f32" as const, shape: [64], chunks: () => [bytes] };
  await writeFile(join(folder.path, name), writeSafetensors(layoutSafetensors([tensor])));
}

describe("bake", () => {
  it("writes a checkpoint that makes the LoRA's picture, and what diffusers needs to open it", async () => {
    const { code, stdout } = await bake(
      "--lora",
      `${lora}:0.8:0.5:mid=0`,
      "--dtype",
      "f32",
      "--out",
      "baked.safetensors",
      "--json",
    );
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      path: "baked.safetensors",
      dtype: "f32",
      dropped: 0,
      loras: [{ strength: 0.8, strengthText: 0.5, blocks: { mid_block: 0 } }],
      configs: "baked-diffusers",
    });
    const baked = await picture("baked.png", "--model", "baked.safetensors");
    const beside = await picture("beside.png", "--model", model, "--lora", `${lora}:0.8:0.5:mid=0`);
    const plain = await picture("plain.png", "--model", model);
    const distance = (a: ArrayLike<number>, b: ArrayLike<number>) =>
      Math.max(...Array.from(a, (value, i) => Math.abs(value - b[i]!)));
    expect(distance(baked, beside)).toBeLessThanOrEqual(1);
    expect(distance(baked, plain)).toBeGreaterThan(8);
    const json = (name: string) => JSON.parse(readFileSync(join(folder.path, "baked-diffusers", name), "utf8"));
    expect(json("model_index.json")).toMatchObject({
      _class_name: "StableDiffusionPipeline",
      vae: ["diffusers", "AutoencoderKL"],
    });
    expect(json("unet/config.json")).toMatchObject({ cross_attention_dim: 128, attention_head_dim: 8 });
    expect(json("tokenizer/vocab.json")).toMatchObject({ "cat</w>": 2368, "<|endoftext|>": 49407 });
  });

  it("makes one file of a diffusers folder, with and without a LoRA, and extracts from one", async () => {
    const { unet, vae, text } = await openModel(model);
    const inFolder = join(folder.path, "model");
    cpSync(join(folder.path, "baked-diffusers"), inFolder, { recursive: true });
    const put = async (path: string, weights: Weights) => {
      const tensors = [...entriesOf(weights)].map(([name, tensor]) => ({
        name,
        dtype: tensor.dtype,
        shape: tensor.shape,
        chunks: () => tensorChunks(tensor),
      }));
      await writeFile(join(inFolder, path), writeSafetensors(layoutSafetensors(tensors)));
    };
    await put("unet/diffusion_pytorch_model.safetensors", unet.weights);
    await put("vae/diffusion_pytorch_model.safetensors", vae!.weights);
    await put("text_encoder/model.safetensors", text[0]!.weights);
    const one = await folder.run(["bake", "--model", "model", "--no-config", "--out", "one.safetensors", "--json"]);
    expect(one.code, one.stderr).toBe(0);
    expect(JSON.parse(one.stdout)).toMatchObject({ dtype: "keep", changed: 0, configs: null });
    expect(await picture("one.png", "--model", "one.safetensors")).toEqual(await picture("base.png", "--model", model));
    const options = ["--lora", `${lora}:0.8:0.5:mid=0`, "--dtype", "f32", "--no-config", "--out", "both.safetensors"];
    expect((await folder.run(["bake", "--model", "model", ...options])).code).toBe(0);
    const both = await picture("both.png", "--model", "both.safetensors");
    expect(both).toEqual(await picture("again.png", "--model", "baked.safetensors"));
    const sides = ["--base", "model", "--tuned", "both.safetensors", "--rank", "2", "--no-text"];
    const { code, stdout, stderr } = await folder.run(["extract", ...sides, "--out", "between.safetensors", "--json"]);
    expect(code, stderr).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ ranks: { least: 2, most: 2 }, left: { count: 0 } });
  });

  it("overwrites nothing without --force, and checks before it works", async () => {
    writeFileSync(join(folder.path, "taken.safetensors"), "mine");
    mkdirSync(join(folder.path, "kept-diffusers"));
    await biasOf("huge.safetensors", 1e6);
    await biasOf("nan.safetensors", Number.NaN);
    for (const [args, said] of [
      [["--lora", lora, "--out", "taken.safetensors"], "the output is there already"],
      [["--lora", lora, "--out", "kept.safetensors"], "kept-diffusers"],
      [["--lora", lora, "--out", "no/a.safetensors"], "a folder that exists"],
      [["--out", "a.safetensors"], "there is nothing to bake"],
      [["--lora", `${lora}:1,0`, "--out", "a.safetensors"], "weights hold one strength"],
      [["--lora", model, "--out", "a.safetensors"], "cannot be used here"],
      // noticed while the file is written
      [["--lora", "huge.safetensors", "--dtype", "f16", "--out", "a.safetensors"], "too large for F16"],
      [["--lora", "nan.safetensors", "--out", "a.safetensors"], "numbers that are none"],
    ] as const) {
      const result = await bake(...args);
      expect({ args, ...result }).toMatchObject({ code: 2, stdout: "" });
      expect(result.stderr).toContain(said);
    }
    expect(readFileSync(join(folder.path, "taken.safetensors"), "utf8")).toBe("mine");
    expect(folder.files().filter((name) => /tmp|^a\./.test(name))).toEqual([]);
  });

  it("interrupted, leaves nothing", async () => {
    const before = folder.files();
    // the folder holds the half-written file under another name
    let watch: NodeJS.Timeout | undefined;
    const onStart = (pid: number): void => {
      watch = setInterval(() => {
        if (!folder.files().some((name) => name.includes("stopped"))) return;
        clearInterval(watch);
        process.kill(pid, "SIGINT");
      }, 5);
    };
    const result = await folder.run(["bake", "--model", model, "--lora", lora, "--out", "stopped.safetensors"], {
      onStart,
    });
    clearInterval(watch);
    expect(result.code).toBe(130);
    expect(folder.files()).toEqual(before);
  });
});

describe("extract", () => {
  it("gives a LoRA that loads, says the error it leaves, and refuses what makes no sense", async () => {
    const extract = (...args: readonly string[]) =>
      folder.run(["extract", "--base", model, "--tuned", "baked.safetensors", ...args]);
    const { code, stdout, stderr } = await extract("--rank", "2", "--no-text", "--out", "lora.safetensors", "--json");
    expect({ code, stderr }).toMatchObject({ code: 0 });
    const said = JSON.parse(stdout) as { readonly error: number; readonly layers: readonly object[] };
    expect(said).toMatchObject({ path: "lora.safetensors", ranks: { least: 2, most: 2 }, left: { count: 0 } });
    expect(said.error).toBeGreaterThan(0.01);
    expect(said.error).toBeLessThan(1);
    expect(stderr).toContain("the error left is");
    const shown = await folder.run(["inspect", "lora.safetensors", "--json"]);
    expect(JSON.parse(shown.stdout)).toMatchObject({
      kind: "adapter",
      adapter: { spelling: "kohya", targets: { text: 0 } },
    });
    for (const [args, text] of [
      [["--out", "lora.safetensors"], "the output is there already"],
      [["--energy", "1.5", "--out", "b.safetensors"], "--energy cannot be read"],
      [["--energy", "0.9", "--rank", "4", "--out", "b.safetensors"], "two answers to one question"],
      [["--tuned", testModel("sdxl-tiny"), "--out", "b.safetensors"], "was not made from"],
    ] as const) {
      const result = await extract(...args);
      expect({ args, ...result }).toMatchObject({ code: 2, stdout: "" });
      expect(result.stderr).toContain(text);
    }
    expect(existsSync(join(folder.path, "b.safetensors"))).toBe(false);
  });
});
