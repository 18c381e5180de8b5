// Published measurements by which accelerators can be ordered: ImageReward of the Hyper-SD paper (arXiv 2404.13686v3, tables 2 and 4), the
// one table that has SD1.5 and SDXL, LoRAs and networks. Its authors trained with ImageReward as feedback, so their own files profit.
import { frozen } from "./frozen.js";

export interface Measurement {
  /** As variantId gives it. */
  readonly variant: string;
  readonly steps: number;
  readonly imageReward: number;
}

export const measurementSource =
  "arXiv 2404.13686v3, tables 2 and 4 (COCO-5k prompts; its authors trained on ImageReward)";

/** The models themselves, 25 steps. */
export const baseImageReward = frozen({ sd15: 0.18, sdxl: 0.87 } as const);

export const measurements: readonly Measurement[] = frozen([
  { variant: "sd15/lcm/lora", steps: 4, imageReward: -0.37 },
  { variant: "sd15/tcd/lora", steps: 4, imageReward: -0.15 },
  { variant: "sd15/hyper-1/lora", steps: 1, imageReward: 0.29 },
  { variant: "sd15/hyper-1/lora", steps: 2, imageReward: 0.45 },
  { variant: "sd15/hyper-1/lora", steps: 4, imageReward: 0.53 },
  { variant: "sd15/hyper-1/lora", steps: 8, imageReward: 0.53 },
  { variant: "sdxl/lcm/lora", steps: 4, imageReward: 0.48 },
  { variant: "sdxl/tcd/lora", steps: 4, imageReward: 0.67 },
  { variant: "sdxl/lightning-4/lora", steps: 4, imageReward: 0.72 },
  { variant: "sdxl/hyper-4/lora", steps: 4, imageReward: 0.93 },
  { variant: "sdxl/turbo/checkpoint", steps: 1, imageReward: 0.78 },
  { variant: "sdxl/lightning-1/unet", steps: 1, imageReward: 0.54 },
  { variant: "sdxl/hyper-1/unet", steps: 1, imageReward: 1.19 },
]);
