// Flash Diffusion (Chadebec et al. 2024, arXiv 2406.02347): LoRAs in PEFT's spelling over a set of layers of their own.
import type { Accelerator, AcceleratorVariant, LoraShape, PublishedFile, SourcedValue } from "../accelerator.js";
import { frozen } from "../frozen.js";
import { trailingTimesteps } from "../trained-timesteps.js";
import { nonCommercial } from "./licences.js";

const readme = "gojasper/flash-diffusion README; model cards jasperai/flash-*";

const sources: Readonly<Record<SourcedValue, string>> = {
  steps: readme,
  guidance: readme,
  sampler: readme,
  schedule: `${readme}: LCMScheduler with trailing spacing, which that scheduler ignores for its own grid`,
  prediction: readme,
  strength: readme,
  size: readme,
  trained: "a mixture of timesteps that sharpens around four: arXiv 2406.02347, section 3",
  ranges: "nobody reports others",
  lora: "rank 128 (SD1.5) and 64 (SDXL): model cards; alpha is read from the file",
};

function variant(
  base: "sd15" | "sdxl",
  size: number,
  lora: LoraShape,
  files: readonly PublishedFile[],
): AcceleratorVariant {
  return {
    name: "flash",
    accelerator: "flash",
    title: `Flash Diffusion for ${base === "sdxl" ? "SDXL" : "SD1.5"}`,
    base,
    form: "lora",
    files,
    lora,
    licence: nonCommercial("CC BY-NC-ND 4.0", "model card jasperai/flash-sdxl; the code is CC BY-NC 4.0"),
    settings: {
      steps: 4,
      guidance: 1,
      sampler: "lcm",
      schedule: "lcm",
      prediction: "epsilon",
      loraStrength: 1,
      size,
    },
    ranges: { steps: [4, 4], publishedGuidance: [1, 1], guidance: [1, 1], loraStrength: [0.6, 1], samplers: [] },
    alternatives: [{ title: "trailing timesteps", settings: { schedule: "trailing" }, source: readme }],
    trained: trailingTimesteps(4),
    negative: "acts",
    sources,
  };
}

const hash = "tensor hash: SD.Next modules/lora/network_overrides.py";

export const flash: Accelerator = frozen<Accelerator>({
  id: "flash",
  title: "Flash Diffusion",
  method: "regresses a multi-step teacher, with a discriminator and distribution matching",
  paper: "arXiv 2406.02347",
  variants: [
    variant("sd15", 512, { rank: 128 }, [
      {
        name: "pytorch_lora_weights.safetensors",
        repository: "jasperai/flash-sd",
        tensorHash: "c2ec22757b46",
        source: hash,
      },
    ]),
    variant("sdxl", 1024, { rank: 64, tensors: 3156 }, [
      {
        name: "pytorch_lora_weights.safetensors",
        repository: "jasperai/flash-sdxl",
        tensorHash: "816d0eed49fd",
        source: hash,
      },
      { name: "FlashSDXL.safetensors", repository: "jasperai/flash-sdxl", source: "comfy/, converted for ComfyUI" },
    ]),
  ],
  failures: [
    {
      when: "the original file in a tool without PEFT names",
      looks: "nothing happens; use the converted one",
      source: readme,
    },
  ],
  absent: ["files for SD3 and PixArt exist; those are no families here"],
});
