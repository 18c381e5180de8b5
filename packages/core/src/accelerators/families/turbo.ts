// Turbo: adversarial diffusion distillation (Sauer et al. 2023, arXiv 2311.17042). Stability AI published checkpoints only; LoRAs are
// extractions by others. Two schedules are published: 999, 899, 799, 699 (Stability's demo, ComfyUI) and trailing (diffusers).
import type { Accelerator, AcceleratorVariant, SourcedValue } from "../accelerator.js";
import { frozen } from "../frozen.js";
import { nonCommercial } from "./licences.js";

const demo = "Stability-AI/generative-models scripts/demo/turbo.py";
const docs = "diffusers docs, sdxl_turbo.md";
const licence = nonCommercial("Stability AI Non-Commercial Research Community", "model card stabilityai/sdxl-turbo");
const merged = "civitai.com/models/112902 (DreamShaper XL Turbo)";

const sources: Readonly<Record<SourcedValue, string>> = {
  steps: docs,
  guidance: docs,
  sampler: docs,
  schedule: demo,
  prediction: demo,
  strength: "a whole network has none",
  size: docs,
  trained: "the timesteps of Stability's demo; the paper names four and gives only the last",
  ranges: "FID against SDXL 6.64, 6.53, 7.39, 13.88, 26.55 at 1, 2, 4, 8, 16 steps (PCM, table 3); SD.Next: CFG 0 to 1",
  lora: "no LoRA",
};

const common = {
  accelerator: "turbo",
  form: "checkpoint",
  licence,
  settings: {
    steps: 4,
    guidance: 1,
    sampler: "euler_ancestral",
    schedule: "turbo",
    prediction: "epsilon",
    loraStrength: 1,
    size: 512,
    start: "root",
  },
  ranges: { steps: [1, 4], publishedGuidance: [1, 1], guidance: [1, 1], loraStrength: [1, 1], samplers: [] },
  alternatives: [
    { title: "trailing spacing", settings: { schedule: "trailing", start: "sigma" }, source: docs },
    {
      title: "one step",
      settings: { steps: 1 },
      source: "ComfyUI_examples sdturbo/sdxlturbo_example.png; diffusers docs",
    },
  ],
  trained: [999, 899, 799, 699],
  negative: "acts",
  sizeIsLimit: true,
  sources,
} as const satisfies Partial<AcceleratorVariant>;

const extraction = "model card shiroppo/sd_xl_turbo_lora (an extraction by singular values)";

export const turbo: Accelerator = frozen<Accelerator>({
  id: "turbo",
  title: "Turbo",
  method:
    "a student that starts from the teacher's weights, trained by a discriminator and by score distillation from the teacher (ADD)",
  paper: "arXiv 2311.17042",
  variants: [
    {
      ...common,
      name: "turbo",
      title: "SDXL-Turbo",
      base: "sdxl",
      files: [
        {
          name: "sd_xl_turbo_1.0_fp16.safetensors",
          repository: "stabilityai/sdxl-turbo",
          dtype: "f16",
          source: "repository tree cf0e5cb: 6.94 GB",
        },
        {
          name: "sd_xl_turbo_1.0.safetensors",
          repository: "stabilityai/sdxl-turbo",
          dtype: "f32",
          source: "repository tree cf0e5cb: 13.9 GB",
        },
      ],
    },
    {
      ...common,
      name: "turbo",
      title: "SD-Turbo",
      base: "sd21",
      files: [{ name: "sd_turbo.safetensors", repository: "stabilityai/sd-turbo", source: "model card" }],
    },
    {
      ...common,
      name: "turbo",
      title: "SDXL-Turbo as a LoRA, extracted by others",
      base: "sdxl",
      form: "lora",
      files: [
        {
          name: "sd_xl_turbo_lora_v1.safetensors",
          repository: "shiroppo/sd_xl_turbo_lora",
          source: "98.7 MB, rank 16",
        },
        {
          name: "sd_xl_turbo_lora_v1-64dim.safetensors",
          repository: "shiroppo/sd_xl_turbo_lora",
          bytes: 393_837_232,
          source: "repository tree",
        },
        {
          name: "sd_xl_turbo_lora_v1-128dim.safetensors",
          repository: "shiroppo/sd_xl_turbo_lora",
          bytes: 787_342_192,
          source: "repository tree",
        },
        {
          name: "sdxl-turbo.safetensors",
          repository: "unknown",
          tensorHash: "813ea5fb1c67",
          source: "SD.Next modules/lora/network_overrides.py",
        },
      ],
      lora: {},
      ranges: { ...common.ranges, guidance: [1, 2.5], loraStrength: [0.6, 1] },
      sources: {
        ...sources,
        strength: extraction,
        lora: `${extraction}: ranks 16, 64, 128; kataragi/SDXL-turbo-LoRA: 1 to 64`,
        ranges:
          "steps: as the checkpoint; CFG 1 to 2.5 and strength down to 0.6: users (a preset table, a hand-made comparison)",
      },
    },
    {
      ...common,
      name: "turbo-merge",
      title: "a fine-tuned checkpoint with Turbo merged in (DreamShaper XL Turbo and kin)",
      base: "sdxl",
      files: [{ name: "dreamshaperXL_turbo.safetensors", repository: "civitai 112902", source: merged }],
      settings: {
        steps: 6,
        guidance: 2,
        sampler: "dpmpp_sde",
        schedule: "karras",
        prediction: "epsilon",
        loraStrength: 1,
        size: 1024,
      },
      ranges: {
        steps: [4, 8],
        publishedGuidance: [2, 2],
        guidance: [1.5, 2.5],
        loraStrength: [1, 1],
        samplers: ["euler_ancestral"],
      },
      alternatives: [{ title: "eight steps", settings: { steps: 8 }, source: "SD.Next html/reference.json" }],
      trained: [],
      sizeIsLimit: false,
      sources: {
        ...sources,
        steps: merged,
        guidance: merged,
        sampler: merged,
        schedule: merged,
        prediction: merged,
        size: merged,
        trained: "a merge: nobody says",
        ranges: `${merged}: 4 to 8 steps; CFG 1.5 to 2.5 and Euler a: krita-ai-diffusion's presets for merges`,
      },
    },
  ],
  failures: [
    { when: "above 512 pixels", looks: "subjects appear twice", source: "ADD; model card" },
    { when: "more than 4 steps", looks: "worse, not better", source: "PCM, table 3" },
    {
      when: "guidance above 1",
      looks: "burnt colours; the student never saw an unconditional pass",
      source: docs,
    },
    { when: "leading spacing", looks: "noise and blur: the first step starts at 751", source: "diffusers#6112" },
    { when: "always", looks: "less variety than the teacher", source: "ADD, figure 8" },
  ],
  absent: ["no official LoRA (Lightning paper, table 1)", "nothing for SD1.5"],
});
