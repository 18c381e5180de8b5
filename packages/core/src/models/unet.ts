// The denoising UNet of SD1.5, SD2 and SDXL (and their pruned, inpainting and LCM variants), built from a config read off the weights.
// Rombach et al. 2022; module names as in diffusers. Timestep and size sinusoids are made outside, in double precision.
import { GraphBuilder } from "../graph/builder.js";
import type { Graph, Value } from "../graph/graph.js";
import { conv, groupNorm, linear } from "./blocks/layers.js";
import { resnet } from "./blocks/resnet.js";
import { transformer } from "./blocks/transformer.js";

export interface UnetLevel {
  readonly channels: number;
  /** Transformer depth after each residual block; 0 where there is none. */
  readonly transformers: readonly number[];
  /** Down blocks: halves the size at the end. Up blocks: doubles it. */
  readonly resample: boolean;
}

export interface UnetConfig {
  readonly inChannels: number;
  readonly outChannels: number;
  readonly down: readonly UnetLevel[];
  /** Transformer depths of the middle, one fewer than its residual blocks. */
  readonly mid: { readonly resnets: number; readonly transformers: readonly number[] };
  readonly up: readonly UnetLevel[];
  readonly contextWidth: number;
  /** A fixed number of heads (SD1.5: 8) or a fixed width of a head (SD2, SDXL: 64). */
  readonly attention: { readonly heads: number } | { readonly headWidth: number };
  readonly projection: "conv" | "linear";
  readonly timeWidth: number;
  /** Width of the pooled text and size vector of SDXL; absent elsewhere. */
  readonly additionWidth?: number;
  /** Width of the guidance embedding of a full LCM UNet; absent elsewhere. */
  readonly guidanceWidth?: number;
  readonly groups: number;
}

export interface UnetShape {
  readonly batch: number;
  /** In latent pixels; any size of at least 1. */
  readonly height: number;
  readonly width: number;
  /** Text tokens: 77 a chunk. */
  readonly tokens: number;
}

const EPSILON = 1e-5;

/** Inputs: sample, time_features, context, [addition], [guidance_features]. Output: noise (the raw prediction). */
export function unet(config: UnetConfig, shape: UnetShape, prefix = ""): Graph {
  const b = new GraphBuilder("unet", prefix);
  const { groups } = config;
  const { batch } = shape;
  const base = config.down[0]!.channels;
  const sample = b.input("sample", [batch, config.inChannels, shape.height, shape.width]);
  const timeFeatures = b.input("time_features", [batch, base]);
  const context = b.input("context", [batch, shape.tokens, config.contextWidth]);
  const time = b.op("Silu", [timeEmbedding(b, config, timeFeatures, batch)]);

  const res = (name: string, x: Value, out: number) => resnet(b, name, x, { out, groups, epsilon: EPSILON, time });
  const attend = (name: string, x: Value, depth: number) => {
    const channels = x.shape[1]!;
    const heads = "heads" in config.attention ? config.attention.heads : channels / config.attention.headWidth;
    return transformer(b, name, x, { depth, heads, groups, projection: config.projection, context });
  };
  const layer = (x: Value, index: number, level: UnetLevel, attentions: { count: number }) => {
    const h = res(`resnets.${index}`, x, level.channels);
    const depth = level.transformers[index]!;
    return depth === 0 ? h : attend(`attentions.${attentions.count++}`, h, depth);
  };

  let x = conv(b, "conv_in", sample, base);
  const skips = [x];
  config.down.forEach((level, i) => {
    x = b.module(`down_blocks.${i}`, () => {
      const attentions = { count: 0 };
      let h = x;
      level.transformers.forEach((_, j) => {
        h = layer(h, j, level, attentions);
        skips.push(h);
      });
      if (level.resample) {
        h = b.module("downsamplers.0", () => conv(b, "conv", h, level.channels, { stride: 2, pads: [1, 1, 1, 1] }));
        skips.push(h);
      }
      return h;
    });
  });
  x = b.module("mid_block", () => {
    let h = x;
    for (let i = 0; i < config.mid.resnets; i++) {
      h = res(`resnets.${i}`, h, h.shape[1]!);
      const depth = config.mid.transformers[i] ?? 0;
      if (depth > 0) h = attend(`attentions.${i}`, h, depth);
    }
    return h;
  });
  config.up.forEach((level, i) => {
    x = b.module(`up_blocks.${i}`, () => {
      const attentions = { count: 0 };
      let h = x;
      level.transformers.forEach((_, j) => {
        h = layer(b.op("Concat", [h, skips.pop()!], { axis: 1 }), j, level, attentions);
      });
      if (!level.resample) return h;
      // the size of the skip that comes next: sizes that are not multiples of 8 round up on their way down
      const [, , height, width] = skips.at(-1)!.shape as [number, number, number, number];
      return b.module("upsamplers.0", () =>
        conv(b, "conv", b.op("ResizeNearest", [h], { height, width }), level.channels),
      );
    });
  });
  x = b.op("Silu", [groupNorm(b, "conv_norm_out", x, groups, EPSILON)]);
  return b.finish([{ name: "noise", value: conv(b, "conv_out", x, config.outChannels) }]);
}

function timeEmbedding(b: GraphBuilder, config: UnetConfig, features: Value, batch: number): Value {
  const { timeWidth, additionWidth, guidanceWidth } = config;
  const time = b.module("time_embedding", () => {
    let x = features;
    if (guidanceWidth !== undefined) {
      const guidance = b.input("guidance_features", [batch, guidanceWidth]);
      x = b.op("Add", [x, linear(b, "cond_proj", guidance, features.shape[1]!, false)]);
    }
    return linear(b, "linear_2", b.op("Silu", [linear(b, "linear_1", x, timeWidth)]), timeWidth);
  });
  if (additionWidth === undefined) return time;
  const addition = b.input("addition", [batch, additionWidth]);
  const added = b.module("add_embedding", () =>
    linear(b, "linear_2", b.op("Silu", [linear(b, "linear_1", addition, timeWidth)]), timeWidth),
  );
  return b.op("Add", [time, added]);
}
