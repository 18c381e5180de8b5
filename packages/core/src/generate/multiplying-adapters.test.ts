// OFT, BOFT, GLoRA and (IA)^3 on whole small models: they fit, are folded by themselves, and do the same as branches and by step.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ActiveAdapter } from "../families/adapter-fit.js";
import type { Checkpoint } from "../families/checkpoint.js";
import { fitted, MergeFolder } from "../merge/merge-files.test.fixture.js";
import { type ChildRuntime, childRuntime } from "../session/child-runtime.js";
import { MULTIPLYING, multiplyingTensors } from "../weights/adapters/multiplying-file.test.fixture.js";
import { Pipeline, type PipelineOptions } from "./pipeline.js";
import type { GenerateRequest } from "./request.js";
import { largestDifference, tinyCheckpoint } from "./tiny-pipeline.test.fixture.js";

let runtime: ChildRuntime;
let folds = 0;
let plain: Float32Array;
const folder = new MergeFolder();
const checkpoints = new Map<string, Checkpoint>();
beforeAll(async () => {
  runtime = childRuntime({ threads: 2 });
  const make = runtime.foldSink.bind(runtime);
  runtime.foldSink = () => {
    folds++;
    return make();
  };
  for (const spec of ["sd15-tiny", "sdxl-tiny"]) checkpoints.set(spec, await tinyCheckpoint(spec));
  plain = await last(checkpoints.get("sd15-tiny")!, {});
});
afterAll(async () => {
  await runtime.dispose();
  folder.remove();
});

/** Latents after the last of two steps. */
async function last(checkpoint: Checkpoint, options: Partial<PipelineOptions>): Promise<Float32Array> {
  const pipeline = new Pipeline({ checkpoint, runtime, ...options });
  const request: GenerateRequest = {
    prompt: "a cat",
    width: 64,
    height: 64,
    seeds: [7],
    sampling: { steps: 2, sampler: "euler" },
  };
  try {
    let latents = new Float32Array();
    for await (const event of pipeline.generate(request)) {
      if (event.kind === "step") latents = event.latents.slice();
      if (event.kind === "loading" && event.stage === "decoder") break;
    }
    return latents;
  } finally {
    await pipeline.dispose();
  }
}

const active = async (kind: string, spec: string, strengths: Partial<ActiveAdapter> = {}, prefix?: string) => {
  const checkpoint = checkpoints.get(spec)!;
  return fitted(checkpoint, await folder.file(multiplyingTensors(kind, checkpoint, prefix)), strengths);
};

describe.each(Object.keys(MULTIPLYING))("%s", (kind) => {
  it("changes a picture, the same folded by itself and beside the weights", async () => {
    const checkpoint = checkpoints.get("sd15-tiny")!;
    const adapter = await active(kind, "sd15-tiny", { strengthUnet: 0.8, strengthText: 0.8 });
    expect([...adapter.fit.networks.keys()].sort()).toEqual(["text0", "unet"]);
    expect([adapter.fit.unclaimed, adapter.fit.misfit]).toEqual([[], []]);
    expect(adapter.fit.adapter.notes).toEqual([expect.stringContaining("folded into the weights before a run")]);
    folds = 0;
    const folded = await last(checkpoint, { adapters: [adapter] });
    expect(folds).toBe(2);
    const change = largestDifference(folded, plain);
    expect(change).toBeGreaterThan(1e-2);
    const beside = await last(checkpoint, { adapters: [adapter], adapterForm: "branches" });
    expect(largestDifference(beside, folded) / change).toBeLessThan(1e-3);
  });

  it("fits SDXL", async () => {
    const { fit } = await active(kind, "sdxl-tiny");
    expect([fit.unclaimed, fit.misfit]).toEqual([[], []]);
    expect([...fit.networks.keys()].sort()).toEqual(["text0", "unet"]);
  });
});

it("stays beside the weights where its strength changes by step", async () => {
  const checkpoint = checkpoints.get("sd15-tiny")!;
  const adapter = await active("oft", "sd15-tiny", { strengthUnet: 0, strengthText: 0.8 });
  folds = 0;
  const none = await last(checkpoint, { adapters: [{ ...adapter, strengthSteps: [0, 0] }] });
  expect(folds).toBe(1);
  expect(largestDifference(none, await last(checkpoint, { adapters: [adapter] }))).toBeLessThan(1e-4);
});

it("is read under the prefix of kohya's OFT network", async () => {
  const { fit } = await active("oft", "sd15-tiny", {}, "oft_unet");
  expect([fit.unclaimed, fit.misfit]).toEqual([[], []]);
});

it("of another model says which rows it has and which it should", async () => {
  const checkpoint = checkpoints.get("sd15-tiny")!;
  const name = "lora_unet_down_blocks_0_attentions_0_transformer_blocks_0_attn1_to_q";
  const misfit = async (tensors: Parameters<MergeFolder["file"]>[0]) =>
    fitted(checkpoint, await folder.file(tensors)).catch((error: { code: string; found: string }) => [
      error.code,
      error.found,
    ]);
  expect(await misfit({ [`${name}.oft_blocks`]: [[3, 4, 4]] })).toEqual([
    "adapter-no-match",
    expect.stringContaining("[12,any] instead of [64,64]"),
  ]);
  expect(await misfit({ [`${name}.weight`]: [[5]], [`${name}.on_input`]: [[], [1]] })).toEqual([
    "adapter-no-match",
    expect.stringContaining("[any,5] instead of [64,64]"),
  ]);
  const context = name.replace("attn1_to_q", "attn2_to_k");
  expect(await misfit({ [`${context}.weight`]: [[2048]], [`${context}.on_input`]: [[], [1]] })).toEqual([
    "adapter-family",
    expect.stringContaining("text states 2048 wide"),
  ]);
});
