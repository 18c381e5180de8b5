// Splits one file's weights into networks under canonical names, whatever layout they are in: LDM / SGM single files, bare parts, or
// diffusers component files. Every name is accounted for: claimed by a part, known to be of no use, or reported.
import type { ClipTextConfig } from "../models/clip-text.js";
import type { UnetConfig } from "../models/unet.js";
import type { VaeConfig } from "../models/vae.js";
import type { LazyTensor, Weights } from "../weights/weights.js";
import { weightsOf } from "../weights/weights.js";
import { clipTextConfig, unetConfig, vaeConfig } from "./configs.js";
import { type NamedPart, openClipWeights, part, unetModules, unetName, vaeName } from "./names.js";

export interface UnetPart {
  readonly config: UnetConfig;
  readonly weights: Weights;
}
export interface VaePart {
  readonly config: VaeConfig;
  readonly weights: Weights;
}
export interface TextPart {
  readonly kind: "clip" | "openclip";
  readonly config: ClipTextConfig;
  readonly weights: Weights;
}

export interface Parts {
  readonly unet?: UnetPart;
  readonly vae?: VaePart;
  readonly text: readonly TextPart[];
  /** Weights that no part takes and that are not known to be useless. */
  readonly unclaimed: readonly string[];
  /** Names of EMA copies, training buffers and the like, left aside on purpose. */
  readonly ignored: readonly string[];
}

/** What checkpoints carry and inference does not need. */
const IGNORED = [
  /^model_ema\./,
  /^(betas|alphas_cumprod|alphas_cumprod_prev|sqrt_|log_one_minus|posterior_|lvlb_weights|logvar$)/,
  /(^|\.)position_ids$/,
  /(^|\.)logit_scale$/,
  /^(v_pred|ztsnr|edm_vpred\..*|edm_mean|edm_std|denoiser\..*|scale_factor)$/,
  /^first_stage_model\.loss\./,
  /^(global_step|epoch|state_dict\..*)$/,
];

const CLIP_PREFIXES = ["cond_stage_model.transformer.", "conditioner.embedders.0.transformer."];
const OPENCLIP_PREFIXES = [
  "cond_stage_model.model.",
  "conditioner.embedders.0.model.",
  "conditioner.embedders.1.model.",
];
const BARE = "";

const startsAny = (weights: Weights, prefix: string): boolean => {
  for (const name of weights.names) if (name.startsWith(prefix)) return true;
  return false;
};

function unetPart(file: Weights): NamedPart | undefined {
  const prefix = startsAny(file, "model.diffusion_model.") ? "model.diffusion_model." : BARE;
  if (file.has(`${prefix}conv_in.weight`) && file.has(`${prefix}time_embedding.linear_1.weight`)) {
    return part(file, prefix, (name) =>
      /^(conv_|time_embedding|add_embedding|down_blocks|mid_block|up_blocks)/.test(name) ? name : undefined,
    );
  }
  if (!file.has(`${prefix}input_blocks.0.0.weight`)) return undefined;
  const modules = unetModules(
    [...file.names].flatMap((name) => (name.startsWith(prefix) ? [name.slice(prefix.length)] : [])),
  );
  return part(file, prefix, (name) => unetName(name, modules));
}

function vaePart(file: Weights): NamedPart | undefined {
  const prefix = startsAny(file, "first_stage_model.") ? "first_stage_model." : BARE;
  if (!file.has(`${prefix}decoder.conv_in.weight`) && !file.has(`${prefix}encoder.conv_in.weight`)) return undefined;
  let levels = 0;
  for (const name of file.names) {
    const match = /^decoder\.up\.(\d+)\./.exec(name.slice(prefix.length));
    if (match) levels = Math.max(levels, Number(match[1]) + 1);
  }
  return part(file, prefix, (name) =>
    /^(encoder|decoder|quant_conv|post_quant_conv)\./.test(name) ? vaeName(name, levels) : undefined,
  );
}

interface NamedText extends NamedPart {
  readonly kind: TextPart["kind"];
  readonly layout: "in-out" | "out-in";
}

function textParts(file: Weights): readonly NamedText[] {
  const found: NamedText[] = [];
  for (const prefix of CLIP_PREFIXES) {
    if (!startsAny(file, prefix)) continue;
    // the first SD1.5 files lack the text_model level
    const rename = (name: string) => (/^(text_model|text_projection)\./.test(name) ? name : `text_model.${name}`);
    found.push({
      kind: "clip",
      layout: "out-in",
      ...part(file, prefix, (n) => (n.endsWith("position_ids") ? undefined : rename(n))),
    });
  }
  for (const prefix of OPENCLIP_PREFIXES) {
    if (!file.has(`${prefix}positional_embedding`)) continue;
    const names = [...file.names].filter((name) => name.startsWith(prefix)).map((name) => name.slice(prefix.length));
    const weights = weightsOf(openClipWeights(names, (name) => file.get(prefix + name) as LazyTensor));
    const claimed = new Set(names.filter((name) => name !== "logit_scale").map((name) => prefix + name));
    const layout = file.has(`${prefix}text_projection.weight`) ? "out-in" : "in-out";
    found.push({ kind: "openclip", layout, weights, claimed });
  }
  if (file.has("text_model.embeddings.position_embedding.weight")) {
    const bare = part(file, BARE, (name) =>
      /^(text_model|text_projection)\./.test(name) && !name.endsWith("position_ids") ? name : undefined,
    );
    // diffusers stores both kinds alike; what differs is the width (CLIP-L 768; OpenCLIP H 1024, bigG 1280) and the projection
    found.push({ kind: bare.weights.has("text_projection.weight") ? "openclip" : "clip", layout: "out-in", ...bare });
  }
  return found;
}

/** All networks of one file. */
export function partsOf(file: Weights): Parts {
  const unet = unetPart(file);
  const vae = vaePart(file);
  const text = textParts(file);
  const claimed = new Set([unet, vae, ...text].flatMap((one) => (one === undefined ? [] : [...one.claimed])));
  const left = [...file.names].filter((name) => !claimed.has(name));
  const ignored = left.filter((name) => IGNORED.some((pattern) => pattern.test(name)));
  const unetCfg = unet && unetConfig(unet.weights);
  const vaeCfg = vae && vaeConfig(vae.weights);
  return {
    ...(unet && unetCfg ? { unet: { config: unetCfg, weights: unet.weights } } : {}),
    ...(vae && vaeCfg ? { vae: { config: vaeCfg, weights: vae.weights } } : {}),
    text: text.flatMap(({ kind, layout, weights }) => {
      const config = clipTextConfig(weights, kind, layout);
      return config === undefined ? [] : [{ kind, config, weights }];
    }),
    unclaimed: left.filter((name) => !ignored.includes(name)),
    ignored,
  };
}
