// The layout most accelerator LoRAs share: 278 modules of SD1.5, 788 of SDXL, each with down, up and alpha.
// Attention, feed-forward and projection layers, residual and resampling convolutions, time projections; no text encoder.
import type { LoraShape } from "../accelerator.js";

export const moduleCounts = { sd15: 278, sdxl: 788 } as const;

export const fullLayout: Readonly<Record<keyof typeof moduleCounts, LoraShape>> = {
  sd15: { rank: 64, tensors: 3 * moduleCounts.sd15 },
  sdxl: { rank: 64, tensors: 3 * moduleCounts.sdxl },
};
