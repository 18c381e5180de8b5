// DMD2: improved distribution matching distillation (Yin et al. 2024, arXiv 2405.14867). Sampled as a consistency model at fixed timesteps.
import type { Accelerator, AcceleratorVariant, PublishedFile, SourcedValue } from "../accelerator.js";
import { frozen } from "../frozen.js";
import { nonCommercial } from "./licences.js";
import { fullLayout } from "./lora-layout.js";

const readme = "tianweiy/DMD2 README";
const licence = nonCommercial("CC BY-NC 4.0", readme);
const repository = "tianweiy/DMD2";

const sources: Readonly<Record<SourcedValue, string>> = {
  steps: readme,
  guidance: readme,
  sampler: readme,
  schedule: readme,
  prediction: readme,
  strength: `${readme}; issue #5: 0.75 on community bases`,
  size: readme,
  trained: "backward simulation at 999, 749, 499, 249: tianweiy/DMD2 main/sdxl",
  ranges: "strength from 0.5: issue #5",
  lora: "--lora_rank 64 --lora_alpha 8: tianweiy/DMD2 main/train_sd.py, main/sdxl/extract_lora_module.py",
};

const four = [999, 749, 499, 249] as const;

function variant(
  name: string,
  form: "lora" | "unet",
  timesteps: readonly number[],
  files: readonly Pick<PublishedFile, "name" | "bytes" | "dtype" | "source">[],
): AcceleratorVariant {
  const lora = form === "lora";
  const steps = timesteps.length;
  return {
    name,
    accelerator: "dmd2",
    title: `DMD2 for SDXL, ${steps === 1 ? "1 step" : `${steps} steps`}, ${lora ? "LoRA" : "UNet"}`,
    base: "sdxl",
    form,
    files: files.map((file) => ({ ...file, repository })),
    ...(lora ? { lora: { ...fullLayout.sdxl, alpha: 8 } } : {}),
    licence,
    settings: {
      steps,
      guidance: 1,
      sampler: "lcm",
      schedule: "simple",
      timesteps,
      prediction: "epsilon",
      loraStrength: 1,
      size: 1024,
    },
    ranges: {
      steps: [steps, lora ? 8 : steps],
      publishedGuidance: [1, 1],
      guidance: [1, 1],
      loraStrength: lora ? [0.5, 1] : [1, 1],
      samplers: [],
    },
    alternatives: [],
    trained: timesteps,
    negative: "acts",
    sources: lora
      ? { ...sources, ranges: `${sources.ranges}; it takes other numbers of steps to a degree` }
      : { ...sources, strength: "a whole network has none", lora: "no LoRA" },
  };
}

export const dmd2: Accelerator = frozen<Accelerator>({
  id: "dmd2",
  title: "DMD2",
  method: "matches the teacher's distribution by two score networks and a discriminator, on the student's own samples",
  paper: "arXiv 2405.14867",
  variants: [
    variant("dmd2", "lora", four, [
      {
        name: "dmd2_sdxl_4step_lora_fp16.safetensors",
        bytes: 393_854_592,
        dtype: "f16",
        source: "repository commit 552f138 (a first upload of 393,736,496 bytes was replaced)",
      },
      { name: "dmd2_sdxl_4step_lora.safetensors", dtype: "f32", source: "787 MB" },
    ]),
    variant("dmd2", "unet", four, [{ name: "dmd2_sdxl_4step_unet_fp16.bin", dtype: "f16", source: readme }]),
    variant("dmd2-1", "unet", [399], [{ name: "dmd2_sdxl_1step_unet_fp16.bin", dtype: "f16", source: readme }]),
  ],
  failures: [
    {
      when: "the 1-step UNet started at 999 instead of 399",
      looks: "not the noise level its one step was trained for",
      source: readme,
    },
    { when: "strength 1 on some community bases", looks: "hard contrast; 0.75 is better", source: "tianweiy/DMD2#5" },
  ],
  absent: ["no LoRA for SD1.5 (a 1-step checkpoint only)"],
});
