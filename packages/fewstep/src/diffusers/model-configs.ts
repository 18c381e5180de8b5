// What diffusers and transformers must be told to build a model's networks, read off fewstep's own configs: plain JSON by path in the
// folder. Held against the configs of published pipelines in test/golden/data/specs/configs.json.
import type { ClipTextConfig, Family, UnetConfig, VaeConfig } from "@fewstep/core";
import { type NoiseConvention, schedulerConfig } from "./scheduler-config.js";

export type Json = Readonly<Record<string, unknown>>;

export interface ModelConfigs extends NoiseConvention {
  readonly family: Family;
  readonly unet: UnetConfig;
  readonly vae?: VaeConfig;
  /** One, or SDXL's two. */
  readonly text: readonly ClipTextConfig[];
  readonly vocabulary: number;
  readonly scalingFactor: number;
  /** Pixels of a side. */
  readonly size: number;
}

const EPSILON = 1e-5;

/** Every JSON file of the folder but the tokenizers'; undefined where diffusers' UNet cannot be told the layout (pruned networks). */
export function modelConfigs(model: ModelConfigs): Readonly<Record<string, Json>> | undefined {
  const { family, text } = model;
  const unet = unetJson(model);
  if (unet === undefined) return undefined;
  const settings = { timestep_spacing: "trailing", clip_sample: false };
  return {
    "model_index.json": indexJson(model),
    "unet/config.json": unet,
    ...(model.vae && { "vae/config.json": vaeJson(model, model.vae) }),
    "scheduler/scheduler_config.json": schedulerConfig("DDIMScheduler", model, settings),
    ...Object.fromEntries(
      text.map((config, i) => [`${textFolder(i)}/config.json`, textJson(config, i, family, model.vocabulary)]),
    ),
  };
}

export const textFolder = (index: number): string => (index === 0 ? "text_encoder" : "text_encoder_2");
export const tokenizerFolder = (index: number): string => (index === 0 ? "tokenizer" : "tokenizer_2");

function indexJson({ family, unet, text }: ModelConfigs): Json {
  const isXl = family.id === "sdxl";
  const inpaint = unet.inChannels > 4 ? "Inpaint" : "";
  const encoders = text.flatMap((_, i) => [
    [textFolder(i), ["transformers", i === 0 ? "CLIPTextModel" : "CLIPTextModelWithProjection"]] as const,
    [tokenizerFolder(i), ["transformers", "CLIPTokenizer"]] as const,
  ]);
  return {
    _class_name: `StableDiffusion${isXl ? "XL" : ""}${inpaint}Pipeline`,
    ...(isXl
      ? { force_zeros_for_empty_prompt: true }
      : { requires_safety_checker: false, safety_checker: [null, null], feature_extractor: [null, null] }),
    scheduler: ["diffusers", "DDIMScheduler"],
    ...Object.fromEntries(encoders),
    unet: ["diffusers", "UNet2DConditionModel"],
    vae: ["diffusers", "AutoencoderKL"],
  };
}

function unetJson({ unet, text, size }: ModelConfigs): Json | undefined {
  const { down, up, mid, attention, additionWidth, guidanceWidth } = unet;
  const layers = down[0]!.transformers.length;
  const depths = down.map(({ transformers }) => Math.max(1, transformers[0]!));
  const hasTransformers = down.map(({ transformers }) => transformers[0]! > 0);
  const even = (transformers: readonly number[], level: number, count: number) =>
    transformers.length === count &&
    transformers.every((depth) => depth === (hasTransformers[level] ? depths[level] : 0));
  const isRegular =
    down.every(({ transformers }, level) => even(transformers, level, layers)) &&
    up.every(({ transformers }, i) => even(transformers, down.length - 1 - i, layers + 1)) &&
    mid.resnets === 2 &&
    mid.transformers[0] === depths.at(-1);
  if (!isRegular) return undefined;
  const block = (way: "Down" | "Up") => (cross: boolean) => `${cross ? "CrossAttn" : ""}${way}Block2D`;
  const pooled = text.at(-1)!.projectionWidth;
  return {
    _class_name: "UNet2DConditionModel",
    sample_size: size / 8,
    in_channels: unet.inChannels,
    out_channels: unet.outChannels,
    block_out_channels: down.map(({ channels }) => channels),
    down_block_types: hasTransformers.map(block("Down")),
    up_block_types: hasTransformers.toReversed().map(block("Up")),
    layers_per_block: layers,
    cross_attention_dim: unet.contextWidth,
    // the number of heads: diffusers' name for it is what it once was
    attention_head_dim:
      "heads" in attention ? attention.heads : down.map(({ channels }) => channels / attention.headWidth),
    norm_num_groups: unet.groups,
    norm_eps: EPSILON,
    ...(depths.every((depth) => depth === 1) ? {} : { transformer_layers_per_block: depths }),
    ...(unet.projection === "linear" ? { use_linear_projection: true } : {}),
    ...(additionWidth === undefined || pooled === undefined
      ? {}
      : {
          addition_embed_type: "text_time",
          // six sizes beside the pooled state
          addition_time_embed_dim: (additionWidth - pooled) / 6,
          projection_class_embeddings_input_dim: additionWidth,
        }),
    ...(guidanceWidth === undefined ? {} : { time_cond_proj_dim: guidanceWidth }),
  };
}

function vaeJson({ size, scalingFactor }: ModelConfigs, vae: VaeConfig): Json {
  return {
    _class_name: "AutoencoderKL",
    sample_size: size,
    in_channels: vae.pictureChannels,
    out_channels: vae.pictureChannels,
    latent_channels: vae.latentChannels,
    block_out_channels: vae.channels,
    down_block_types: vae.channels.map(() => "DownEncoderBlock2D"),
    up_block_types: vae.channels.map(() => "UpDecoderBlock2D"),
    layers_per_block: vae.layers,
    norm_num_groups: vae.groups,
    scaling_factor: scalingFactor,
  };
}

function textJson(text: ClipTextConfig, index: number, { text: rule }: Family, vocabulary: number): Json {
  return {
    architectures: [index === 0 ? "CLIPTextModel" : "CLIPTextModelWithProjection"],
    model_type: "clip_text_model",
    vocab_size: vocabulary,
    hidden_size: text.width,
    intermediate_size: text.feedForward,
    // folders of SD2 end where the states are taken
    num_hidden_layers: "layer" in rule ? Math.min(text.layers, rule.layer) : text.layers,
    num_attention_heads: text.heads,
    max_position_embeddings: text.positions,
    hidden_act: text.activation === "QuickGelu" ? "quick_gelu" : "gelu",
    layer_norm_eps: EPSILON,
    projection_dim: text.projectionWidth ?? text.width,
    bos_token_id: 49406,
    eos_token_id: 49407,
    pad_token_id: 49407,
  };
}
