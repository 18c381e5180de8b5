// Tells what a safetensors file holds from the names and shapes of its tensors: a table of names that only one kind of model has.
// Sources: the published files; diffusers' single_file_utils, ComfyUI's model_detection and InvokeAI's model identification name the same.
import type { LazyTensor, Weights } from "../weights/weights.js";
import type { ForeignModelKind } from "./foreign.js";

/** Kinds that can be used; everything else is foreign. */
export type UsableKind = "checkpoint" | "unet" | "vae" | "taesd" | "text-encoder" | "adapter" | "embedding";
export type ModelKind = UsableKind | ForeignModelKind;

export interface KindRule {
  readonly kind: ModelKind;
  /** All must be there. A string is a whole name behind any of PREFIXES; a pattern is looked for in every name. */
  readonly keys: readonly (string | RegExp)[];
  /** A further condition on the tensor that the first key found. */
  readonly when?: (first: LazyTensor, weights: Weights) => boolean;
}

/** What may stand before the names of a diffusion network: bare, LDM, ComfyUI, diffusers pipelines in one file, DiT repositories. */
export const PREFIXES: readonly string[] = [
  "",
  "model.diffusion_model.",
  "diffusion_model.",
  "transformer.",
  "unet.",
  "model.",
  "net.",
];

const UNET_LDM = "input_blocks.0.0.weight";
const UNET_DIFFUSERS = "conv_in.weight";
const axis = (index: number, ...sizes: readonly number[]) => {
  return ({ shape }: LazyTensor) => sizes.includes(shape[index] ?? -1);
};
const axisNot = (index: number, size: number) => {
  return ({ shape }: LazyTensor) => shape[index] !== size;
};
const isCheckpoint = (_: LazyTensor, weights: Weights) => {
  return [...weights.names].some((name) => /^(?:first_stage_model|cond_stage_model|conditioner)\./.test(name));
};

/** A rule for each of the two spellings of a UNet's first convolution. The second key tells it from a VAE's or an upscaler's. */
const unets = (kind: ModelKind, when: KindRule["when"]): readonly KindRule[] =>
  [
    [UNET_LDM, "time_embed.0.weight"],
    [UNET_DIFFUSERS, "time_embedding.linear_1.weight"],
  ].map((keys) => ({ kind, keys, ...(when && { when }) }));

/** The first rule that holds is meant: what goes inside or beside a network comes before the network. */
export const KIND_RULES: readonly KindRule[] = [
  {
    kind: "quantised",
    keys: [
      /\.(?:absmax|quant_state\.bitsandbytes__\w+|qweight|qzeros|wscales|scale_weight|weight_scale)$|^(?:.*\.)?scaled_fp8$/,
    ],
  },
  { kind: "control-lora", keys: ["lora_controlnet"] },
  { kind: "controlnet", keys: [/^(?:control_model\.)?(?:input_hint_block|zero_convs)\.0\./] },
  {
    kind: "controlnet",
    keys: [
      /^(?:controlnet\.)?(?:controlnet_down_blocks|controlnet_cond_embedding|controlnet_blocks|controlnet_x_embedder|control_add_embedding)\b/,
    ],
  },
  { kind: "ip-adapter", keys: [/^(?:ip_adapter\.\d+\.|image_proj\.|ip_adapter_proj_model\.|image_proj_model\.)/] },
  { kind: "t2i-adapter", keys: [/^(?:adapter\.)?body\.\d+\.(?:resnets\.\d+\.)?block1\.weight$/] },
  {
    kind: "motion-module",
    keys: [/^(?:module\.)?(?:down_blocks|up_blocks|mid_block)\.(?:\d+\.)?motion_modules\.\d+\./],
  },
  { kind: "gligen", keys: [/^position_net\./, /\.fuser\./] },
  {
    kind: "stable-video-diffusion",
    keys: [/(?:\.time_stack\.|\.time_mixer\.|\.temporal_transformer_blocks\.|\.temporal_res_block\.)/],
  },
  { kind: "safety-checker", keys: ["concept_embeds"] },

  {
    kind: "sdxl-refiner",
    keys: ["conditioner.embedders.0.model.transformer.resblocks.9.mlp.c_proj.bias"],
    when: (_, weights) => !weights.has("conditioner.embedders.1.model.ln_final.weight"),
  },
  { kind: "sdxl-refiner", keys: ["label_emb.0.0.weight", UNET_LDM], when: axis(1, 2560) },
  { kind: "sdxl-refiner", keys: ["add_embedding.linear_1.weight", UNET_DIFFUSERS], when: axis(1, 2560) },
  { kind: "unclip", keys: [/^(?:embedder\.model\.visual|noise_augmentor)\./] },
  { kind: "kolors", keys: ["label_emb.0.0.weight", UNET_LDM], when: axis(1, 5632) },
  { kind: "kolors", keys: ["encoder_hid_proj.weight", "add_embedding.linear_1.weight"] },
  {
    kind: "deepfloyd-if",
    keys: [/^(?:unet\.)?(?:encoder_hid_proj|encoder_proj)\.weight$/, /(?:add_embedding\.pool|encoder_pooling\.1)\./],
  },
  ...unets("instruct-pix2pix", axis(1, 8)),
  ...unets("depth-checkpoint", axis(1, 5)),
  ...unets("sd-upscaler", axis(1, 7)),
  ...unets("checkpoint", (first, weights) => axis(1, 4, 9)(first) && isCheckpoint(first, weights)),
  ...unets("unet", axis(1, 4, 9)),
  ...unets("other-unet", undefined),

  { kind: "chroma", keys: [/(?:^|\.)distilled_guidance_layer\./] },
  { kind: "hunyuan-video", keys: [/(?:^|\.)txt_in\.individual_token_refiner\./] },
  { kind: "flux", keys: [/(?:^|\.)double_blocks\.0\.img_attn\.(?:norm|qkv)\./] },
  { kind: "flux", keys: [/(?:^|\.)single_transformer_blocks\.0\./, "x_embedder.weight"] },
  { kind: "sd3", keys: [/(?:^|\.)joint_blocks\.0\.(?:context_block|x_block)\./] },
  {
    kind: "sd3",
    keys: ["transformer_blocks.0.attn.add_k_proj.weight", "context_embedder.weight", "pos_embed.proj.weight"],
  },
  { kind: "qwen-image", keys: ["transformer_blocks.0.attn.add_k_proj.weight", "txt_norm.weight"] },
  { kind: "stable-cascade", keys: ["clf.1.weight"] },
  { kind: "stable-cascade", keys: ["vquantizer.codebook.weight"] },
  { kind: "aura-flow", keys: ["double_layers.0.attn.w1q.weight"] },
  { kind: "aura-flow", keys: ["joint_transformer_blocks.0.attn.add_k_proj.weight"] },
  { kind: "hunyuan-dit", keys: ["mlp_t5.0.weight"] },
  { kind: "hunyuan-dit", keys: ["text_embedder.linear_1.weight", "time_extra_emb.pooler.q_proj.weight"] },
  { kind: "mochi", keys: ["t5_yproj.weight"] },
  { kind: "pixart", keys: ["t_block.1.weight"] },
  { kind: "pixart", keys: ["adaln_single.emb.timestep_embedder.linear_1.bias", "pos_embed.proj.bias"] },
  { kind: "sana", keys: ["caption_projection.linear_1.weight", /\.ff\.conv_inverted\.weight$/] },
  { kind: "ltx", keys: ["adaln_single.emb.timestep_embedder.linear_1.bias"] },
  { kind: "lumina-z-image", keys: ["cap_embedder.1.weight"] },
  { kind: "cogvideox", keys: ["blocks.0.norm1.linear.weight"] },
  { kind: "cogvideox", keys: ["transformer_blocks.0.norm1.linear.weight", "patch_embed.text_proj.weight"] },
  { kind: "wan", keys: ["head.modulation"] },
  { kind: "wan", keys: ["condition_embedder.time_embedder.linear_1.weight", /^(?:.*\.)?blocks\.0\.attn1\./] },
  { kind: "hidream", keys: ["caption_projection.0.linear.weight"] },
  { kind: "cosmos", keys: [/(?:^|\.)blocks\.(?:block0\.blocks\.0\.block\.attn|0\.mlp\.layer1)\./] },
  { kind: "stable-audio", keys: [/(?:^|\.)(?:transformer\.rotary_pos_emb\.inv_freq|to_global_embed\.0\.weight)$/] },

  {
    kind: "flux-taesd",
    keys: [/^(?:taesd_)?decoder\.1\.weight$|^1\.weight$/, /^(?:(?:taesd_)?decoder\.)?3\.conv\.0\.weight$/],
    when: axisNot(1, 4),
  },
  {
    kind: "taesd",
    keys: [/^(?:taesd_)?decoder\.1\.weight$|^1\.weight$/, /^(?:(?:taesd_)?decoder\.)?3\.conv\.0\.weight$/],
  },
  { kind: "flux-taesd", keys: ["14.weight", "0.weight", "1.conv.0.weight"], when: axisNot(0, 4) },
  { kind: "taesd", keys: ["14.weight", "0.weight", "1.conv.0.weight"] },
  { kind: "flux-taesd", keys: ["decoder.layers.0.weight", "decoder.layers.2.conv.0.weight"], when: axisNot(1, 4) },
  { kind: "taesd", keys: ["decoder.layers.0.weight", "decoder.layers.2.conv.0.weight"] },

  {
    kind: "flux-vae",
    keys: [/^(?:first_stage_model\.|vae\.)?decoder\.conv_in(?:\.conv)?\.weight$/],
    when: (first) => first.shape.length !== 4 || first.shape[1] !== 4,
  },
  {
    kind: "vae",
    keys: [
      /^(?:first_stage_model\.|vae\.)?decoder\.conv_in\.weight$/,
      /(?:^|\.)decoder\.(?:up\.0\.block|up_blocks\.0\.resnets)\.0\./,
    ],
  },
  { kind: "flux-vae", keys: [/^(?:decoder\.middle\.0\.residual|decoder\.conv1|decoder\.upsamples\.0)\./] },

  { kind: "clip-vision", keys: [/^(?:vision_model\.encoder|visual\.transformer|vision_model\.vision_model)\./] },
  { kind: "text-encoder", keys: [/^(?:[\w.]*\.)?text_model\.encoder\.layers\.0\.self_attn\.q_proj\.weight$/] },
  { kind: "text-encoder", keys: [/^(?:[\w.]*\.)?transformer\.resblocks\.0\.attn\.in_proj_weight$/] },
  { kind: "t5", keys: [/(?:^|\.)encoder\.block\.0\.layer\.0\.SelfAttention\.q\.weight$/] },
  { kind: "language-model", keys: [/^(?:[\w.]*\.)?layers\.0\.self_attn\.q_proj\.weight$/] },
  { kind: "language-model", keys: [/^(?:transformer\.)?h\.0\.attn\.c_attn\.weight$/] },

  {
    kind: "upscaler",
    keys: [/^(?:model\.1\.sub\.0\.RDB1\.conv1\.0|body\.0\.rdb1\.conv1|RRDB_trunk\.0\.RDB1\.conv1)\.weight$/],
  },
  { kind: "upscaler", keys: ["conv_first.weight", /^(?:layers\.0\.|body\.)/] },
];
