import { describe, expect, test } from "vitest";
import { emptyPixels } from "../pixels.js";
import { encodePng } from "../png-encode.js";
import { readComfyPrompt, readComfyWorkflow } from "./comfyui.js";
import { writeComfyPrompt } from "./comfyui-write.js";
import { readFewstepText, writeFewstepText } from "./fewstep.js";
import { readMetadata } from "./read-metadata.js";
import type { PictureSettings } from "./settings.js";

const fails = (code: string) => expect.objectContaining({ code });
type Node = { readonly class_type: string; readonly inputs: Readonly<Record<string, unknown>> };
const prompt = (nodes: Readonly<Record<string, Node>>) => readComfyPrompt(JSON.stringify(nodes))?.settings;
const node = (class_type: string, inputs: Readonly<Record<string, unknown>>): Node => ({ class_type, inputs });

const FULL: PictureSettings = {
  prompt: 'a ☂ in the "rain"\nsecond line',
  negative: "",
  steps: 4,
  cfg: 1,
  cfgRescale: 0.7,
  sampler: "lcm",
  schedule: "sgm_uniform",
  seed: "18446744073709551615",
  width: 512,
  height: 768,
  denoise: 1,
  model: "base.safetensors",
  modelSampling: "lcm",
  vae: "vae.safetensors",
  clipSkip: 2,
  loras: [
    { name: "a.safetensors", strength: 0, strengthClip: 0 },
    { name: "b\\c.safetensors", strength: -1.5, strengthClip: 0.5 },
  ],
};

describe("ComfyUI", () => {
  test("a written graph reads back the same", () => {
    expect(readComfyPrompt(writeComfyPrompt(FULL))?.settings).toEqual(FULL);
  });

  test("SD-Turbo's sigmas come from their node; schedules whose nodes need more are refused", () => {
    const turbo = { ...FULL, schedule: "turbo" };
    const text = writeComfyPrompt(turbo);
    expect(text).toContain("SDTurboScheduler");
    expect(readComfyPrompt(text)?.settings).toEqual(turbo);
    expect(() => writeComfyPrompt({ ...FULL, schedule: "align_your_steps" })).toThrowError(fails("comfyui-settings"));
  });

  test.each(["model", "width", "height", "seed", "steps", "cfg", "sampler", "schedule"] as const)(
    "no graph without %s",
    (key) => {
      const { [key]: _, ...rest } = FULL;
      expect(() => writeComfyPrompt(rest)).toThrowError(fails("comfyui-settings"));
    },
  );
  test("no graph with a seed that is no number", () => {
    expect(() => writeComfyPrompt({ ...FULL, seed: "-1" })).toThrowError(fails("comfyui-settings"));
  });

  const common = {
    "1": node("CheckpointLoaderSimple", { ckpt_name: "m" }),
    "2": node("CLIPTextEncode", { text: "yes", clip: ["1", 1] }),
    "3": node("CLIPTextEncode", { text: "no", clip: ["1", 1] }),
    "4": node("EmptyLatentImage", { width: 64, height: 32, batch_size: 1 }),
  };
  const sampler = {
    seed: 5,
    steps: 3,
    cfg: 2,
    sampler_name: "euler",
    scheduler: "normal",
    denoise: 1,
    latent_image: ["4", 0],
  };

  test("prompts are found by links, through ControlNet, combination and value nodes", () => {
    const settings = prompt({
      ...common,
      "0": node("CLIPTextEncode", { text: "never used" }),
      "5": node("ControlNetApplyAdvanced", { positive: ["8", 0], negative: ["3", 0], strength: 1 }),
      "6": node("PrimitiveString", { value: "from a value node" }),
      "7": node("CLIPTextEncode", { text: ["6", 0], clip: ["1", 1] }),
      "8": node("ConditioningCombine", { conditioning_1: ["2", 0], conditioning_2: ["7", 0] }),
      "9": node("KSampler", { ...sampler, model: ["1", 0], positive: ["5", 0], negative: ["5", 1] }),
    });
    expect([settings?.prompt, settings?.negative]).toEqual(["yes\nfrom a value node", "no"]);
  });

  test("custom samplers take guider, noise and sigmas from nodes of their own", () => {
    const settings = prompt({
      ...common,
      "5": node("CFGGuider", { cfg: 1.5, model: ["1", 0], positive: ["2", 0], negative: ["3", 0] }),
      "6": node("RandomNoise", { noise_seed: 99 }),
      "7": node("KSamplerSelect", { sampler_name: "lcm" }),
      "8": node("AlignYourStepsScheduler", { model_type: "SDXL", steps: 8, denoise: 1 }),
      "9": node("SamplerCustomAdvanced", {
        noise: ["6", 0],
        guider: ["5", 0],
        sampler: ["7", 0],
        sigmas: ["8", 0],
        latent_image: ["4", 0],
      }),
    });
    expect(settings).toMatchObject({
      prompt: "yes",
      negative: "no",
      seed: "99",
      steps: 8,
      cfg: 1.5,
      sampler: "lcm",
      schedule: "align_your_steps",
      model: "m",
      width: 64,
    });
  });

  test("two passes: the first is the picture, the second the hires pass", () => {
    const links = { model: ["1", 0], positive: ["2", 0], negative: ["3", 0] };
    const settings = prompt({
      ...common,
      "5": node("KSampler", { ...sampler, ...links }),
      "6": node("LatentUpscaleBy", { upscale_method: "bislerp", scale_by: 1.5, samples: ["5", 0] }),
      "7": node("KSampler", { ...sampler, ...links, steps: 2, denoise: 0.5, latent_image: ["6", 0] }),
      "8": node("VAEDecode", { samples: ["7", 0], vae: ["1", 2] }),
      "9": node("SaveImage", { images: ["8", 0] }),
    });
    expect([settings?.steps, settings?.width]).toEqual([3, 64]);
    expect(settings?.hires).toEqual({
      scale: 1.5,
      steps: 2,
      upscaler: "bislerp",
      denoise: 0.5,
      sampler: "euler",
      schedule: "normal",
      cfg: 2,
    });
  });

  test("LoRAs: model only, and rgthree's list with its switches", () => {
    const settings = prompt({
      ...common,
      "5": node("LoraLoaderModelOnly", { lora_name: "x", strength_model: 0.5, model: ["1", 0] }),
      "6": node("Power Lora Loader (rgthree)", {
        lora_1: { on: true, lora: "y", strength: 0.7 },
        lora_2: { on: false, lora: "z", strength: 1 },
        model: ["5", 0],
      }),
      "7": node("KSampler", { ...sampler, model: ["6", 0], positive: ["2", 0], negative: ["3", 0] }),
    });
    expect(settings?.loras).toEqual([
      { name: "x", strength: 0.5, strengthClip: 0 },
      { name: "y", strength: 0.7 },
    ]);
  });

  test("UI graphs: seed controls, bypassed and muted nodes, links as objects", () => {
    const muted = {
      id: 5,
      type: "KSampler",
      mode: 2,
      widgets_values: [1, "fixed", 50],
      inputs: [{ name: "positive", link: 3 }],
    };
    const sampler = {
      id: 4,
      type: "KSampler",
      widgets_values: [7, "randomize", 4, 1, "lcm", "simple", 1],
      inputs: [
        { name: "model", link: 2 },
        { name: "positive", link: 3 },
        { name: "negative", link: null },
        { name: "latent_image", link: 4 },
      ],
    };
    const others = [
      { id: 1, type: "CheckpointLoaderSimple", widgets_values: ["m"] },
      { id: 2, type: "LoraLoader", mode: 4, widgets_values: ["off", 1, 1], inputs: [{ name: "model", link: 1 }] },
      { id: 3, type: "CLIPTextEncode", widgets_values: ["yes"] },
      { id: 6, type: "EmptyLatentImage", widgets_values: [64, 32, 1] },
    ];
    const links = [
      [1, 1, 0, 2, 0, "MODEL"],
      { id: 2, origin_id: 2, origin_slot: 0 },
      { id: 3, origin_id: 3, origin_slot: 0 },
      [4, 6, 0, 4, 2, "LATENT"],
    ];
    const read = (...samplers: readonly object[]) =>
      readComfyWorkflow(JSON.stringify({ nodes: [...others, ...samplers], links }))?.settings;
    expect(read(muted)).toBeUndefined();
    expect(read(muted, sampler)).toEqual({
      prompt: "yes",
      seed: "7",
      steps: 4,
      cfg: 1,
      sampler: "lcm",
      schedule: "simple",
      denoise: 1,
      width: 64,
      height: 32,
      model: "m",
      loras: [],
    });
  });

  test("graphs that are none", () => {
    expect(() => readComfyPrompt("[]")).toThrowError(fails("comfyui-graph"));
    expect(() => readComfyPrompt("{}")).toThrowError(fails("comfyui-graph"));
    expect(() => readComfyWorkflow("{}")).toThrowError(fails("comfyui-graph"));
    expect(prompt({ "1": node("LoadImage", { image: "x" }) })).toBeUndefined();
    const missing = { "1": node("KSampler", { steps: 1, positive: ["7", 0] }) };
    expect(() => prompt(missing)).toThrowError(fails("comfyui-missing-node"));
    const loop = {
      "1": node("LoraLoader", { model: ["1", 0] }),
      "2": node("KSampler", { steps: 1, model: ["1", 0], positive: ["1", 0] }),
    };
    expect(() => prompt(loop)).toThrowError(fails("comfyui-cycle"));
  });

  test("long chains and many outputs take linear time", () => {
    const nodes: Record<string, Node> = {
      "0": node("KSampler", { steps: ["v0", 0], model: ["m0", 0], positive: ["c0", 0], latent_image: ["v0", 0] }),
    };
    for (let i = 0; i < 4500; i++) {
      nodes[`v${i}`] = node("Value", { value: [`v${i + 1}`, 0], width: [`v${i + 1}`, 0], samples: [`v${i + 1}`, 0] });
      nodes[`m${i}`] = node("LoraLoader", { model: [`m${i + 1}`, 0], lora_name: ["v0", 0], ckpt_name: ["v0", 0] });
      nodes[`c${i}`] = node("ConditioningCombine", {
        conditioning_1: [`c${i + 1}`, 0],
        conditioning_2: ["c0", 0],
        text: ["v0", 0],
      });
      nodes[`o${i}`] = node("SaveImage", { images: [`c${i}`, 0] });
    }
    for (const last of ["v4500", "m4500", "c4500"]) nodes[last] = node("End", {});
    const started = performance.now();
    prompt(nodes);
    expect(performance.now() - started).toBeLessThan(3000);
  });
});

describe("fewstep's own text", () => {
  const everything: PictureSettings = {
    ...FULL,
    modelHash: "0a1b2c3d4e",
    vaeHash: "ff",
    rng: "CPU",
    seedDelta: 0,
    subseed: "18446744073709551615",
    subseedStrength: 0.25,
    embeddings: [{ name: "e", hash: "1" }],
    hashes: [{ name: "model", hash: "2" }],
    hires: { scale: 2, steps: 0, prompt: "" },
    emphasis: "No norm",
    preset: "Lightning",
    styles: ["a", "b"],
    civitaiResources: [{ type: "lora", weight: 0.8, modelVersionId: 22 }],
    version: "0.1.0",
  };
  test("settings and plan come back exactly", () => {
    const plan = { size: [512, 768], rows: [{ timestep: 999, sigma: 14.6146 }] };
    const reading = readFewstepText(writeFewstepText(everything, plan));
    expect(reading.settings).toEqual(everything);
    expect(JSON.parse(reading.plan ?? "")).toEqual(plan);
    expect(readFewstepText(writeFewstepText({}))).toMatchObject({ plan: undefined, coding: undefined });
    const coding = { format: "webp", quality: 92.5 } as const;
    expect(readFewstepText(writeFewstepText({}, plan, coding)).coding).toEqual(coding);
    for (const bad of ['{"format":"png","quality":90}', '{"format":"jpeg","quality":0}', '{"format":"jpeg"}', "[]"])
      expect(() => readFewstepText(`{"fewstep":1,"settings":{},"coding":${bad}}`)).toThrowError(fails("fewstep-text"));
  });
  test.each([
    "{}",
    '{"fewstep":2,"settings":{}}',
    '{"fewstep":1}',
    '{"fewstep":1,"settings":{"steps":"many"}}',
    '{"fewstep":1,"settings":{"seed":1.5}}',
    '{"fewstep":1,"settings":{"loras":{}}}',
    '{"fewstep":1,"settings":{"loras":[{"name":1}]}}',
    '{"fewstep":1,"settings":{"__proto__":{}}}',
    '{"fewstep":1,"settings":{"unknown":1}}',
  ])("%s is refused", (text) => {
    expect(() => readFewstepText(text)).toThrowError(fails("fewstep-text"));
  });
  test("a plan JSON cannot hold", () => {
    expect(() => writeFewstepText({}, () => 0)).toThrowError(fails("fewstep-text"));
  });
  test("it wins over the other texts of a file, and a broken one is named while they are read", async () => {
    const texts = (own: string) => [
      { keyword: "parameters", text: "for others\nSteps: 1, Sampler: a, Size: 1x1" },
      { keyword: "fewstep", text: own },
    ];
    const read = async (own: string) => readMetadata(await encodePng(emptyPixels(1, 1), { texts: texts(own) }));
    const good = await read(writeFewstepText(everything));
    expect([good.reading?.tool, good.reading?.settings, good.faults]).toEqual(["fewstep", everything, []]);
    const bad = await read("{}");
    expect([bad.reading?.tool, bad.faults.map(({ code }) => code)]).toEqual(["a1111", ["fewstep-text"]]);
  });
});
