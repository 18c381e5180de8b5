// Network configs read off the (canonically named) weights: names and shapes say everything but the number of heads and groups.
import type { ClipTextConfig } from "../models/clip-text.js";
import type { UnetConfig, UnetLevel } from "../models/unet.js";
import type { VaeConfig } from "../models/vae.js";
import type { Weights } from "../weights/weights.js";

/** Normalisation groups: 32 in every published model; half the channels where those are fewer than 64, since a group of one cancels biases. */
const groupsOf = (channels: number): number => Math.min(32, Math.max(1, Math.floor(channels / 2)));
const HEAD_WIDTH = 64;
const SD15_HEADS = 8;

export function shapeOf(weights: Weights, name: string): readonly number[] | undefined {
  return weights.get(name)?.shape;
}

/** 1 + the largest n of `prefix.n.`; 0 if there is none. */
export function counted(weights: Weights, prefix: string): number {
  let count = 0;
  for (const name of weights.names) {
    if (!name.startsWith(`${prefix}.`)) continue;
    const n = Number.parseInt(name.slice(prefix.length + 1), 10);
    if (n >= count) count = n + 1;
  }
  return count;
}

function level(weights: Weights, path: string, resampler: string): UnetLevel {
  const resnets = counted(weights, `${path}.resnets`);
  const attentions = counted(weights, `${path}.attentions`);
  const depths = Array.from({ length: resnets }, (_, i) =>
    i < attentions ? counted(weights, `${path}.attentions.${i}.transformer_blocks`) : 0,
  );
  return {
    channels: shapeOf(weights, `${path}.resnets.0.conv1.weight`)?.[0] ?? 0,
    transformers: depths,
    resample: weights.has(`${path}.${resampler}.0.conv.weight`),
  };
}

/** The UNet's config, or undefined if these weights are none. */
export function unetConfig(weights: Weights): UnetConfig | undefined {
  const convIn = shapeOf(weights, "conv_in.weight");
  const convOut = shapeOf(weights, "conv_out.weight");
  const time = shapeOf(weights, "time_embedding.linear_1.weight");
  const down = Array.from({ length: counted(weights, "down_blocks") }, (_, i) =>
    level(weights, `down_blocks.${i}`, "downsamplers"),
  );
  const up = Array.from({ length: counted(weights, "up_blocks") }, (_, i) =>
    level(weights, `up_blocks.${i}`, "upsamplers"),
  );
  let contextWidth: number | undefined;
  let projection: "conv" | "linear" = "linear";
  for (const name of weights.names) {
    if (name.endsWith(".attn2.to_k.weight")) contextWidth = shapeOf(weights, name)![1];
    if (name.endsWith(".proj_in.weight") && shapeOf(weights, name)!.length === 4) projection = "conv";
  }
  if (!convIn || !convOut || !time || down.length === 0 || up.length === 0 || contextWidth === undefined)
    return undefined;
  const midResnets = counted(weights, "mid_block.resnets");
  const additionWidth = shapeOf(weights, "add_embedding.linear_1.weight")?.[1];
  const guidanceWidth = shapeOf(weights, "time_embedding.cond_proj.weight")?.[1];
  return {
    inChannels: convIn[1]!,
    outChannels: convOut[0]!,
    down,
    mid: {
      resnets: midResnets,
      transformers: Array.from({ length: Math.max(0, midResnets - 1) }, (_, i) =>
        counted(weights, `mid_block.attentions.${i}.transformer_blocks`),
      ),
    },
    up,
    contextWidth,
    attention: projection === "conv" ? { heads: SD15_HEADS } : { headWidth: HEAD_WIDTH },
    projection,
    timeWidth: time[0]!,
    ...(additionWidth === undefined ? {} : { additionWidth }),
    ...(guidanceWidth === undefined ? {} : { guidanceWidth }),
    groups: groupsOf(down[0]!.channels),
  };
}

/** The VAE's config, or undefined if these weights are none. */
export function vaeConfig(weights: Weights): VaeConfig | undefined {
  const convOut =
    shapeOf(weights, "decoder.conv_out.weight") ?? shapeOf(weights, "encoder.conv_in.weight")?.toReversed();
  const latent =
    shapeOf(weights, "decoder.conv_in.weight")?.[1] ?? (shapeOf(weights, "encoder.conv_out.weight")?.[0] ?? 0) / 2;
  const decoder = Array.from(
    { length: counted(weights, "decoder.up_blocks") },
    (_, i) => shapeOf(weights, `decoder.up_blocks.${i}.resnets.0.conv1.weight`)?.[0] ?? 0,
  ).toReversed();
  const encoder = Array.from(
    { length: counted(weights, "encoder.down_blocks") },
    (_, i) => shapeOf(weights, `encoder.down_blocks.${i}.resnets.0.conv1.weight`)?.[0] ?? 0,
  );
  const channels = decoder.length > 0 ? decoder : encoder;
  if (!convOut || channels.length === 0 || latent === 0) return undefined;
  const layers =
    decoder.length > 0
      ? counted(weights, "decoder.up_blocks.0.resnets") - 1
      : counted(weights, "encoder.down_blocks.0.resnets");
  return {
    channels,
    layers,
    latentChannels: latent,
    pictureChannels: decoder.length > 0 ? convOut[0]! : convOut[2]!,
    quantised: weights.has("post_quant_conv.weight") || weights.has("quant_conv.weight"),
    groups: groupsOf(channels[0]!),
  };
}

/** A text encoder's config, or undefined if these weights are none. OpenCLIP's encoders use the exact GELU, CLIP-L the quick one. */
export function clipTextConfig(
  weights: Weights,
  kind: "clip" | "openclip",
  layout: "in-out" | "out-in",
): ClipTextConfig | undefined {
  const positions = shapeOf(weights, "text_model.embeddings.position_embedding.weight");
  const fc1 = shapeOf(weights, "text_model.encoder.layers.0.mlp.fc1.weight");
  if (!positions || !fc1) return undefined;
  const width = positions[1]!;
  const projection = shapeOf(weights, "text_projection.weight");
  return {
    width,
    layers: counted(weights, "text_model.encoder.layers"),
    heads: width / HEAD_WIDTH,
    activation: kind === "clip" ? "QuickGelu" : "Gelu",
    feedForward: fc1[0]!,
    positions: positions[0]!,
    ...(projection === undefined
      ? {}
      : { projectionWidth: projection[layout === "in-out" ? 1 : 0]!, projectionLayout: layout }),
  };
}
