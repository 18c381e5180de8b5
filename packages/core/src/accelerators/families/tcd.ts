// Trajectory consistency distillation (Zheng et al. 2024, arXiv 2402.19159). Any number of steps from 4 up; gamma sets the detail.
import type { Accelerator, AcceleratorVariant, PublishedFile, SourcedValue } from "../accelerator.js";
import { frozen } from "../frozen.js";
import { consistencyGrid } from "../trained-timesteps.js";
import { unstated } from "./licences.js";
import { fullLayout } from "./lora-layout.js";

const docs = "diffusers docs, inference_with_tcd_lora.md";
const tree = "repository of h1t";

const sources: Readonly<Record<SourcedValue, string>> = {
  steps: docs,
  guidance: docs,
  sampler: docs,
  schedule: "diffusers scheduling_tcd.py",
  prediction: "diffusers scheduling_tcd.py",
  strength: docs,
  size: docs,
  trained: "skipping step 20 over 1000: arXiv 2402.19159",
  ranges: `${docs}: 4 to 50 steps; gamma 0 to 0.5 (paper 0.2, README 0.3; more blurs)`,
  lora: "rank 64: arXiv 2402.19159; alpha is read from the file",
};

type Base = "sd15" | "sd21" | "sdxl";

function variant(base: Base, repository: string, size: number, file: Partial<PublishedFile>): AcceleratorVariant {
  return {
    name: "tcd",
    accelerator: "tcd",
    title: `TCD-LoRA (${repository})`,
    base,
    form: "lora",
    files: [{ name: "pytorch_lora_weights.safetensors", repository, source: tree, ...file }],
    lora: base === "sd21" ? { rank: 64 } : fullLayout[base],
    licence: unstated("no licence could be confirmed for the weights"),
    settings: {
      steps: 4,
      guidance: 1,
      sampler: "tcd",
      schedule: "lcm",
      settings: { gamma: 0.3 },
      prediction: "epsilon",
      loraStrength: 1,
      size,
    },
    ranges: {
      steps: [4, 50],
      publishedGuidance: [1, 1],
      guidance: [1, 1.5],
      loraStrength: [0.6, 1],
      gamma: [0, 0.5],
      samplers: ["ddim", "euler", "lcm"],
    },
    alternatives: [{ title: "the paper's gamma", settings: { settings: { gamma: 0.2 } }, source: "arXiv 2402.19159" }],
    trained: consistencyGrid,
    negative: "acts",
    sources,
  };
}

export const tcd: Accelerator = frozen<Accelerator>({
  id: "tcd",
  title: "TCD",
  method: "consistency from any point of the trajectory to any later one; better than LCM at 4 and at 20 steps",
  paper: "arXiv 2402.19159",
  variants: [
    variant("sd15", "h1t/TCD-SD15-LoRA", 512, { dtype: "f16", source: `${tree}: 135 MB` }),
    variant("sd21", "h1t/TCD-SD21-base-LoRA", 512, { source: tree }),
    variant("sdxl", "h1t/TCD-SDXL-LoRA", 1024, {
      dtype: "f16",
      tensorHash: "b71dcb732467",
      source: `${tree}: 394 MB; tensor hash: SD.Next modules/lora/network_overrides.py`,
    }),
  ],
  failures: [
    { when: "gamma above 0.5", looks: "blurred", source: docs },
    { when: "one step", looks: "poor: FID-SD 68 on SD1.5", source: "PCM, table 2" },
    {
      when: "another tool's TCD",
      looks: "other pictures: gamma is 0.3, 1 or 0 by default",
      source: "diffusers, InvokeAI, stable-diffusion.cpp",
    },
  ],
  absent: [],
});
