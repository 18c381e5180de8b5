// Latent consistency models (Luo et al. 2023, arXiv 2310.04378) and LCM-LoRA (arXiv 2311.05556). The full UNets take their guidance
// as an input; the LoRAs do not.
import type { Accelerator, AcceleratorVariant, SourcedValue } from "../accelerator.js";
import { frozen } from "../frozen.js";
import { consistencyGrid } from "../trained-timesteps.js";
import { openRail } from "./licences.js";
import { fullLayout } from "./lora-layout.js";

const docs = "diffusers docs, inference_with_lcm.md";
const card = "model cards latent-consistency/lcm-lora-*";
const registries = "several registries that give the same length and hash";

const sources: Readonly<Record<SourcedValue, string>> = {
  steps: docs,
  guidance: docs,
  sampler: docs,
  schedule: "diffusers scheduling_lcm.py",
  prediction: "diffusers scheduling_lcm.py",
  strength: docs,
  size: card,
  trained: "skipping step 20 over 1000: arXiv 2310.04378; diffusers train_lcm_distill_lora_*.py",
  ranges: `${docs}: 2 to 8 steps, guidance 1 to 2; strength from 0.6: users`,
  lora: "rank 64, alpha 8: finegrain-ai/refiners stable_diffusion_xl/lcm_lora.py, with image tests",
};

const common = {
  name: "lcm",
  accelerator: "lcm",
  alternatives: [],
  trained: consistencyGrid,
  negative: "weak",
  sources,
} as const satisfies Partial<AcceleratorVariant>;

const settings = {
  steps: 4,
  guidance: 1,
  sampler: "lcm",
  schedule: "lcm",
  prediction: "epsilon",
  loraStrength: 1,
} as const;

const loraRanges = {
  steps: [2, 8],
  publishedGuidance: [1, 2],
  guidance: [1, 2],
  loraStrength: [0.6, 1],
  samplers: ["tcd", "euler_ancestral"],
} as const;

const alternatives = [
  { title: "eight steps, some guidance", settings: { steps: 8, guidance: 1.5 }, source: `${docs}; ${card}` },
] as const;

const fullRanges = {
  steps: [2, 8],
  publishedGuidance: [1, 1],
  guidance: [1, 1],
  loraStrength: [1, 1],
  guidanceInput: [3, 13],
  samplers: [],
} as const;

const fullSources: Readonly<Record<SourcedValue, string>> = {
  ...sources,
  guidance: "diffusers pipeline_latent_consistency_text2img.py: one pass, guidance embedded (8 to 8.5 used)",
  ranges: `${docs}: 2 to 8 steps, guidance input 3 to 13`,
  strength: "a whole network has none",
  lora: "no LoRA",
};

export const lcm: Accelerator = frozen<Accelerator>({
  id: "lcm",
  title: "LCM",
  method:
    "predicts the solution of the probability-flow ODE directly; as a LoRA the low-rank matrices act as the solver",
  paper: "arXiv 2310.04378, arXiv 2311.05556",
  variants: [
    {
      ...common,
      title: "LCM-LoRA for SD1.5",
      base: "sd15",
      form: "lora",
      files: [
        {
          name: "pytorch_lora_weights.safetensors",
          repository: "latent-consistency/lcm-lora-sdv1-5",
          bytes: 134_621_556,
          dtype: "f16",
          sha256: "8f90d840e075ff588a58e22c6586e2ae9a6f7922996ee6649a7f01072333afe4",
          tensorHash: "aaebf6360f7d",
          source: `${registries}; tensor hash: SD.Next network_overrides.py`,
        },
      ],
      lora: { ...fullLayout.sd15, alpha: 8 },
      licence: openRail(card),
      settings: { ...settings, size: 512 },
      ranges: loraRanges,
      alternatives,
    },
    {
      ...common,
      title: "LCM-LoRA for SDXL",
      base: "sdxl",
      form: "lora",
      files: [
        {
          name: "pytorch_lora_weights.safetensors",
          repository: "latent-consistency/lcm-lora-sdxl",
          bytes: 393_855_224,
          dtype: "f16",
          sha256: "a764e6859b6e04047cd761c08ff0cee96413a8e004c9f07707530cd776b19141",
          source: registries,
        },
        {
          name: "sdxl_lcm_lora.safetensors",
          repository: "lllyasviel/misc",
          bytes: 393_854_624,
          dtype: "f16",
          sha256: "c3dbf7eb26dd00ae6b6b95da69be9f1cb95a3b2c5bcf9be82323227a19b91329",
          tensorHash: "3d18b05e4f56",
          source: "Fooocus forks' model list; tensor hash: also SD.Next network_overrides.py",
        },
      ],
      lora: { ...fullLayout.sdxl, alpha: 8 },
      licence: openRail(card),
      settings: { ...settings, size: 1024 },
      ranges: loraRanges,
      alternatives,
    },
    {
      ...common,
      title: "LCM of DreamShaper v7, the whole UNet",
      base: "sd15",
      form: "unet",
      files: [
        {
          name: "diffusion_pytorch_model.safetensors",
          repository: "SimianLuo/LCM_Dreamshaper_v7",
          source: "model card",
        },
      ],
      licence: { name: "MIT", commercial: "yes", source: "model card SimianLuo/LCM_Dreamshaper_v7" },
      settings: { ...settings, size: 768, guidanceInput: 8 },
      ranges: fullRanges,
      sources: { ...fullSources, size: "model card SimianLuo/LCM_Dreamshaper_v7: 768" },
    },
    {
      ...common,
      title: "LCM of SDXL, the whole UNet",
      base: "sdxl",
      form: "unet",
      files: [
        {
          name: "diffusion_pytorch_model.fp16.safetensors",
          repository: "latent-consistency/lcm-sdxl",
          dtype: "f16",
          source: "about 5 GB",
        },
      ],
      licence: openRail("model card latent-consistency/lcm-sdxl"),
      settings: { ...settings, size: 1024, guidanceInput: 8 },
      ranges: fullRanges,
      sources: fullSources,
    },
  ],
  failures: [
    { when: "1 step", looks: "blurred: FID 57.7, against 11.2 at 4 steps", source: "PCM, table 3" },
    { when: "16 steps and more", looks: "detail is lost again (FID 23.3)", source: "PCM, table 3" },
    { when: "guidance above 2", looks: "over-exposed", source: "PCM README; model cards" },
    { when: "a negative prompt", looks: "little effect even with guidance", source: "PCM README" },
    {
      when: "a base far from SDXL",
      looks: "fails altogether on some anime checkpoints",
      source: "a hand-made comparison (Animagine XL)",
    },
  ],
  absent: ["LCM-LoRA for SSD-1B exists (latent-consistency/lcm-lora-ssd-1b); that base is no family here"],
});
