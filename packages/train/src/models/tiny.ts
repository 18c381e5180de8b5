// The embedded model's networks: Stable Diffusion 1.5's topology at 128x128 pixels (16x16x4 latents), small enough for 24 MB in F16.
// The text tower keeps CLIP's vocabulary and 77 positions, so any SD1.5 tokenizer and prompt grammar fit it.
import type { ClipTextConfig, UnetConfig, VaeConfig } from "@fewstep/core";

export interface TinyConfig {
  readonly unet: UnetConfig;
  readonly vae: VaeConfig;
  readonly text: ClipTextConfig;
  /** Rows of CLIP's token table. */
  readonly vocabulary: number;
  readonly tokens: number;
  /** Pixels of a picture's side; latents are an eighth. */
  readonly size: number;
}

export interface UnetSizes {
  readonly channels: readonly number[];
  /** Residual blocks a level. */
  readonly blocks: number;
  /** Levels with attention, one entry a level. */
  readonly attention: readonly boolean[];
  readonly contextWidth: number;
}

/** SD1.5's layout at other sizes: 8 heads, 32 groups, 1x1 convolutions around the transformers, one residual block more going up. */
export function sd15Unet({ channels, blocks, attention, contextWidth }: UnetSizes): UnetConfig {
  const level = (i: number, count: number) => ({
    channels: channels[i]!,
    transformers: Array.from({ length: count }, () => (attention[i] ? 1 : 0)),
    resample: i < channels.length - 1,
  });
  return {
    inChannels: 4,
    outChannels: 4,
    down: channels.map((_, i) => level(i, blocks)),
    mid: { resnets: 2, transformers: [1] },
    up: channels.map((_, i) => {
      const from = channels.length - 1 - i;
      return { ...level(from, blocks + 1), resample: from > 0 };
    }),
    contextWidth,
    attention: { heads: 8 },
    projection: "conv",
    timeWidth: 4 * channels[0]!,
    // what the file says to its reader: 32, or half of fewer than 64 channels
    groups: Math.min(32, channels[0]! / 2),
  };
}

export const TINY: TinyConfig = {
  // 6.6 M parameters; no attention at 16x16, where 8 heads of 8 channels took half of the time of a training step
  unet: sd15Unet({ channels: [64, 128, 128], blocks: 1, attention: [false, true, true], contextWidth: 64 }),
  // 1.7 M parameters; 8 groups, since a group of one channel cancels every bias before it
  vae: { channels: [16, 32, 64, 96], layers: 1, latentChannels: 4, pictureChannels: 3, quantised: true, groups: 8 },
  // 0.2 M parameters beside the token table's 3.2 M
  text: { width: 64, layers: 2, heads: 1, activation: "QuickGelu", feedForward: 256, positions: 77 },
  vocabulary: 49408,
  tokens: 77,
  size: 128,
};
