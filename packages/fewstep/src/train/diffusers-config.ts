// Config files in the layout of diffusers' folders, for results that diffusers shall open. Weights stay in the .safetensors file.
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { ClipTextConfig, PredictionType, UnetConfig, VaeConfig } from "@fewstep/core";
import { writeFileAtomically } from "@fewstep/core/node";

type Json = Readonly<Record<string, unknown>>;

const PREDICTION: Readonly<Record<PredictionType, string>> = {
  epsilon: "epsilon",
  v: "v_prediction",
  sample: "sample",
};

/** Stable Diffusion's noise schedule, as every scheduler of diffusers has it. */
const schedulerConfig = (name: string, prediction: PredictionType, settings: Json): Json => ({
  _class_name: name,
  beta_start: 0.00085,
  beta_end: 0.012,
  beta_schedule: "scaled_linear",
  num_train_timesteps: 1000,
  steps_offset: 1,
  ...(name === "EulerDiscreteScheduler" || name === "EulerAncestralDiscreteScheduler"
    ? {}
    : { set_alpha_to_one: false }),
  prediction_type: PREDICTION[prediction],
  ...settings,
});

const folderOf = (out: string): string => out.replace(/\.safetensors$/, "-diffusers");

async function writeJson(folder: string, name: string, value: Json): Promise<void> {
  await mkdir(folder, { recursive: true });
  const text = `${JSON.stringify(value, undefined, 2)}\n`;
  await writeFileAtomically(join(folder, name), new TextEncoder().encode(text), { replace: true });
}

/** The scheduler that a LoRA was made for: `Scheduler.from_pretrained(folder, subfolder="scheduler")`. Answers the folder. */
export async function writeSchedulerConfig(
  out: string,
  { name, settings }: { readonly name: string; readonly settings: Json },
  prediction: PredictionType,
): Promise<string> {
  const folder = folderOf(out);
  await writeJson(join(folder, "scheduler"), "scheduler_config.json", schedulerConfig(name, prediction, settings));
  return folder;
}

export interface ModelConfigs {
  readonly unet: UnetConfig;
  readonly vae: VaeConfig;
  readonly text: ClipTextConfig;
  readonly vocabulary: number;
  readonly prediction: PredictionType;
  /** Pixels of a side. */
  readonly size: number;
  readonly scalingFactor: number;
}

/** What `StableDiffusionPipeline.from_single_file(out, config=folder)` needs but for the tokenizer, CLIP's own. Answers the folder. */
export async function writeModelConfigs(out: string, configs: ModelConfigs): Promise<string> {
  const folder = folderOf(out);
  const { unet, vae, text, vocabulary, prediction, size, scalingFactor } = configs;
  const levels = unet.down.map(({ transformers }) => transformers.some((depth) => depth > 0));
  const block = (way: "Down" | "Up") => (attention: boolean) => `${attention ? "CrossAttn" : ""}${way}Block2D`;
  await writeJson(folder, "model_index.json", {
    _class_name: "StableDiffusionPipeline",
    requires_safety_checker: false,
    safety_checker: [null, null],
    feature_extractor: [null, null],
    scheduler: ["diffusers", "DDIMScheduler"],
    text_encoder: ["transformers", "CLIPTextModel"],
    tokenizer: ["transformers", "CLIPTokenizer"],
    unet: ["diffusers", "UNet2DConditionModel"],
    vae: ["diffusers", "AutoencoderKL"],
  });
  await writeJson(join(folder, "unet"), "config.json", {
    _class_name: "UNet2DConditionModel",
    sample_size: size / 8,
    in_channels: unet.inChannels,
    out_channels: unet.outChannels,
    block_out_channels: unet.down.map(({ channels }) => channels),
    down_block_types: levels.map(block("Down")),
    up_block_types: levels.toReversed().map(block("Up")),
    layers_per_block: unet.down[0]!.transformers.length,
    cross_attention_dim: unet.contextWidth,
    // the number of heads: diffusers' name for it is what it once was
    attention_head_dim: "heads" in unet.attention ? unet.attention.heads : unet.attention.headWidth,
    norm_num_groups: unet.groups,
  });
  await writeJson(join(folder, "vae"), "config.json", {
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
  });
  await writeJson(join(folder, "text_encoder"), "config.json", {
    architectures: ["CLIPTextModel"],
    model_type: "clip_text_model",
    vocab_size: vocabulary,
    hidden_size: text.width,
    intermediate_size: text.feedForward,
    num_hidden_layers: text.layers,
    num_attention_heads: text.heads,
    max_position_embeddings: text.positions,
    hidden_act: text.activation === "QuickGelu" ? "quick_gelu" : "gelu",
    bos_token_id: 49406,
    eos_token_id: 49407,
    pad_token_id: 49407,
  });
  const settings = { timestep_spacing: "trailing", clip_sample: false };
  await writeJson(
    join(folder, "scheduler"),
    "scheduler_config.json",
    schedulerConfig("DDIMScheduler", prediction, settings),
  );
  return folder;
}
