// Strengths by step and by block, and textual inversions, on a small checkpoint: each against another way to the same picture.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { adapterBlocks } from "../families/adapter-blocks.js";
import type { ActiveAdapter } from "../families/adapter-fit.js";
import type { Checkpoint } from "../families/checkpoint.js";
import { openTextualInversion } from "../families/textual-inversion.js";
import { fitted } from "../merge/merge-files.test.fixture.js";
import { type ChildRuntime, childRuntime } from "../session/child-runtime.js";
import { CLIP_IDS, loadClipTokenizer } from "../text/clip-tokenizer.js";
import { bytesOf, type TensorSpec, varied } from "../weights/adapters/adapter-file.test.fixture.js";
import { readRows } from "../weights/read-rows.js";
import { Pipeline, type PipelineOptions } from "./pipeline.js";
import type { GenerateRequest } from "./request.js";
import { largestDifference, tinyCheckpoint } from "./tiny-pipeline.test.fixture.js";

let runtime: ChildRuntime;
let checkpoint: Checkpoint;
let lora: ActiveAdapter;
beforeAll(async () => {
  checkpoint = await tinyCheckpoint();
  lora = await fitted(checkpoint, "sd15-lora-kohya", { strengthText: 0 });
  runtime = childRuntime({ threads: 2 });
});
afterAll(() => runtime.dispose());

const base: GenerateRequest = {
  prompt: "a cat",
  width: 64,
  height: 64,
  seeds: [7],
  sampling: { steps: 2, sampler: "euler" },
};

/** Latents after each step; nothing is decoded. */
async function steps(options: Partial<PipelineOptions>, request: Partial<GenerateRequest> = {}) {
  const pipeline = new Pipeline({ checkpoint, runtime, ...options });
  try {
    const all: Float32Array[] = [];
    for await (const event of pipeline.generate({ ...base, ...request })) {
      if (event.kind === "step") all.push(event.latents);
      if (event.kind === "loading" && event.stage === "decoder") break;
    }
    return all;
  } finally {
    await pipeline.dispose();
  }
}

const withLora = (strengths: Partial<ActiveAdapter>) => steps({ adapters: [{ ...lora, ...strengths }] });

describe("a strength for each step", () => {
  it("counts in its step, the text encoders' own in all", async () => {
    const constant = await withLora({ strengthUnet: 0.6 });
    const none = await withLora({ strengthUnet: 0 });
    const [first, second] = await withLora({ strengthUnet: 0.6, strengthSteps: [0.6, 0] });
    expect(first).toEqual(constant[0]);
    expect(largestDifference(first!, none[0]!)).toBeGreaterThan(1e-3);
    expect(largestDifference(second!, constant[1]!)).toBeGreaterThan(1e-3);
    expect(await withLora({ strengthUnet: 9, strengthSteps: [0.6, 0.6] })).toEqual(constant);
  });

  it("goes on with the last one in a second pass", async () => {
    const hires = { width: 64, height: 64, steps: 1, strength: 1 };
    const run = (strengths: Partial<ActiveAdapter>) => steps({ adapters: [{ ...lora, ...strengths }] }, { hires });
    const [changing, constant] = [await run({ strengthSteps: [0, 0.6] }), await run({ strengthSteps: [0, 0] })];
    expect(changing[0]).toEqual(constant[0]);
    expect(changing).toHaveLength(3);
    expect(largestDifference(changing[2]!, constant[2]!)).toBeGreaterThan(1e-3);
  });

  it("is as many as the steps, and cannot be folded", async () => {
    await expect(withLora({ strengthSteps: [1] })).rejects.toMatchObject({ code: "bad-step-strengths", kind: "input" });
    const folded = { adapters: [{ ...lora, strengthSteps: [1, 0] }], adapterForm: "folded" as const };
    expect(() => new Pipeline({ checkpoint, runtime, ...folded })).toThrowError(
      expect.objectContaining({ code: "fold-with-steps" }),
    );
  });
});

describe("factors of blocks", () => {
  it("multiply the strength where they are named", async () => {
    const [none, half] = [await withLora({ strengthUnet: 0 }), await withLora({ strengthUnet: 0.5 })];
    const off = adapterBlocks(lora.fit, { down: 0, mid: 0, up: 0 });
    expect(await withLora({ strengthUnet: 1, blocks: off })).toEqual(none);
    const halves = adapterBlocks(lora.fit, { down: 0.5, mid_block: 0.5, up: 0.5 });
    expect(largestDifference((await withLora({ blocks: halves }))[1]!, half[1]!)).toBeLessThan(1e-5);
    const some = await withLora({ strengthUnet: 0.5, blocks: adapterBlocks(lora.fit, { "down.1": 0 }) });
    expect(largestDifference(some[1]!, half[1]!)).toBeGreaterThan(1e-4);
  });

  it("of a name that nothing lies in are refused, with the names there are", () => {
    expect(() => adapterBlocks(lora.fit, { dwon: 0 })).toThrowError(
      expect.objectContaining({
        code: "adapter-block-unknown",
        expected: expect.stringContaining("down_blocks.0, down_blocks.1"),
      }),
    );
    expect(() => adapterBlocks(lora.fit, { "down.12": 0 })).toThrowError();
  });
});

describe("textual inversions", () => {
  const source = async (tensors: Readonly<Record<string, TensorSpec>>) => ({
    name: "thing.safetensors",
    blob: new Blob([await bytesOf(tensors)]),
  });
  const width = 128;

  it("stand for tokens: with a word's own vector the picture is the word's", async () => {
    const [cat] = (await loadClipTokenizer()).encode("cat");
    const table = checkpoint.text[0]!.weights.get("text_model.embeddings.token_embedding.weight")!;
    const rows = await readRows(table, [cat!, CLIP_IDS.comma]);
    const file = await source({ emb_params: [[2, width], [...rows]] });
    const embeddings = new Map([["zyx", await openTextualInversion(file, checkpoint)]]);
    const [word] = await steps({}, { prompt: "a cat, here", sampling: { steps: 1, sampler: "euler" } });
    for (const [grammar, prompt] of [
      ["a1111", "a zyx here"],
      ["comfyui", "a embedding:zyx here"],
    ] as const) {
      const [inverted] = await steps({ embeddings }, { prompt, grammar, sampling: { steps: 1, sampler: "euler" } });
      expect(inverted, grammar).toEqual(word);
    }
  });

  it("of SDXL have a tensor for each encoder; other families' are refused by name", async () => {
    const xl = await tinyCheckpoint("sdxl-tiny");
    const pair = await source({ clip_g: [[3, width]], clip_l: [[2, width]] });
    const vectors = await openTextualInversion(pair, xl);
    expect(vectors.map((list) => list.length)).toEqual([2, 3]);
    expect([...vectors[0]![1]!]).toEqual(Array.from({ length: width }, (_, i) => Math.fround(varied(width + i))));
    const single = await source({ emb_params: [[width]] });
    expect((await openTextualInversion(single, checkpoint))[0]).toHaveLength(1);
    const code = async (file: Awaited<ReturnType<typeof source>>, model: Checkpoint) =>
      openTextualInversion(file, model).catch(({ code }) => code as string);
    expect(await code(single, xl)).toBe("embedding-family");
    expect(await code(pair, checkpoint)).toBe("embedding-family");
    expect(await code(await source({ emb_params: [[2, 768]] }), checkpoint)).toBe("embedding-family");
  });

  it("that are damaged or absurd are refused", async () => {
    const refused = async (tensors: Readonly<Record<string, TensorSpec>>) =>
      openTextualInversion(await source(tensors), checkpoint).catch(({ code }) => code as string);
    expect(await refused({ emb_params: [[1, width], () => Number.NaN] })).toBe("weight-not-finite");
    expect(await refused({ emb_params: [[751, width]] })).toBe("embedding-too-many-vectors");
    expect(await refused({ emb_params: [[0, width]] })).toBe("embedding-too-many-vectors");
    expect(
      await refused({
        "lora_unet_conv_in.lora_down.weight": [[4, 4, 3, 3]],
        "lora_unet_conv_in.lora_up.weight": [[64, 4, 1, 1]],
      }),
    ).toBe("model-is-adapter");
  });
});
