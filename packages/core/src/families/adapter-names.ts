// Which module of which network an adapter file means: names with dots or underscores, diffusers', sgm's and OpenCLIP's, with any of the
// trainers' prefixes. Resolved against the networks' own weights, so pruned models need no table. Files that mix sgm and diffusers names
// are read whole (diffusers' loader drops the sgm ones).
import type { UnetConfig } from "../models/unet.js";
import type { Weights } from "../weights/weights.js";
import type { Parts } from "./parts.js";

export type NetworkId = "unet" | "text0" | "text1";

export interface ResolvedModule {
  readonly network: NetworkId;
  /** Canonical name, such as `mid_block.resnets.0.conv1`. */
  readonly module: string;
  /** Where the file's module is several of the network's: this one has the n-th of `of` equal bands of rows. */
  readonly band?: { readonly index: number; readonly of: number };
}

/** Prefixes in their underscored form, longest first where one begins another; undefined: any network. */
const PREFIXES: readonly (readonly [prefix: string, network: NetworkId | undefined])[] = [
  ["lora_unet_", "unet"],
  ["oft_unet_", "unet"],
  ["lora_te1_", "text0"],
  ["lora_te2_", "text1"],
  ["lora_te_", "text0"],
  ["lycoris_unet_", "unet"],
  ["lycoris_te1_", "text0"],
  ["lycoris_te2_", "text1"],
  ["lycoris_te_", "text0"],
  ["lycoris_", undefined],
  ["unet_", "unet"],
  ["model_diffusion_model_", "unet"],
  ["diffusion_model_", "unet"],
  ["text_encoder_2_", "text1"],
  ["text_encoder_", "text0"],
  ["text_encoders_clip_l_transformer_", "text0"],
  ["text_encoders_clip_g_transformer_", "text1"],
  ["clip_l_transformer_", "text0"],
  ["clip_g_transformer_", "text1"],
  ["cond_stage_model_transformer_", "text0"],
  ["cond_stage_model_model_", "text0"],
  ["conditioner_embedders_0_transformer_", "text0"],
  ["conditioner_embedders_1_model_", "text1"],
  ["", undefined],
];
/** PEFT's wrapper, before or after the network's own prefix. */
const WRAPPER = "base_model_model_";

type Rename = readonly [from: RegExp, to: string];

/** Attention processors keep the LoRA beside the layer, and call the output layer by its list. */
const PROCESSOR: readonly Rename[] = [
  [/_processor_/, "_"],
  [/_self_attn_to_([qkv])$/, "_self_attn_$1_proj"],
  [/_self_attn_to_out$/, "_self_attn_out_proj"],
  [/_to_out$/, "_to_out_0"],
];

const OPENCLIP: readonly Rename[] = [
  [/^transformer_resblocks_/, "text_model_encoder_layers_"],
  [/_attn_(in|out)_proj$/, "_self_attn_$1_proj"],
  [/_self_self_attn_/, "_self_attn_"],
  [/_mlp_c_fc$/, "_mlp_fc1"],
  [/_mlp_c_proj$/, "_mlp_fc2"],
  [/_ln_([12])$/, "_layer_norm$1"],
  [/^ln_final$/, "text_model_final_layer_norm"],
];

const renamed = (name: string, renames: readonly Rename[]): string =>
  renames.reduce((current, [from, to]) => current.replace(from, to), name);

const SGM_ENDS: readonly (readonly [sgm: string, diffusers: string])[] = [
  ["input_blocks_0_0", "conv_in"],
  ["out_0", "conv_norm_out"],
  ["out_2", "conv_out"],
  ["time_embed_0", "time_embedding_linear_1"],
  ["time_embed_2", "time_embedding_linear_2"],
  ["time_embed_cond_proj", "time_embedding_cond_proj"],
  ["label_emb_0_0", "add_embedding_linear_1"],
  ["label_emb_0_2", "add_embedding_linear_2"],
];

const SGM_RESNET: ReadonlyMap<string, string> = new Map([
  ["in_layers_0", "norm1"],
  ["in_layers_2", "conv1"],
  ["emb_layers_1", "time_emb_proj"],
  ["out_layers_0", "norm2"],
  ["out_layers_3", "conv2"],
  ["skip_connection", "conv_shortcut"],
  ["op", "conv"],
]);

/** `input_blocks_4_1` -> `down_blocks_1_attentions_0`: where sgm's flat numbering puts a UNet's modules, both underscored. */
export function sgmModules({ down, mid, up }: UnetConfig): ReadonlyMap<string, string> {
  const modules = new Map(SGM_ENDS);
  let block = 1;
  down.forEach(({ transformers, resample }, level) => {
    let attentions = 0;
    transformers.forEach((depth, i) => {
      modules.set(`input_blocks_${block}_0`, `down_blocks_${level}_resnets_${i}`);
      if (depth > 0) modules.set(`input_blocks_${block}_1`, `down_blocks_${level}_attentions_${attentions++}`);
      block++;
    });
    if (resample) modules.set(`input_blocks_${block++}_0`, `down_blocks_${level}_downsamplers_0`);
  });
  let piece = 0;
  for (let i = 0; i < mid.resnets; i++) {
    modules.set(`middle_block_${piece++}`, `mid_block_resnets_${i}`);
    if ((mid.transformers[i] ?? 0) > 0) modules.set(`middle_block_${piece++}`, `mid_block_attentions_${i}`);
  }
  block = 0;
  up.forEach(({ transformers, resample }, level) => {
    let attentions = 0;
    transformers.forEach((depth, i) => {
      const last = i === transformers.length - 1;
      modules.set(`output_blocks_${block}_0`, `up_blocks_${level}_resnets_${i}`);
      if (depth > 0) modules.set(`output_blocks_${block}_1`, `up_blocks_${level}_attentions_${attentions++}`);
      // the upsampler closes the level's last block, after its attention if it has one
      if (resample && last)
        modules.set(`output_blocks_${block}_${depth > 0 ? 2 : 1}`, `up_blocks_${level}_upsamplers_0`);
      block++;
    });
  });
  return modules;
}

/** The diffusers spelling of an sgm name, both underscored; undefined if it is none. */
function fromSgm(name: string, modules: ReadonlyMap<string, string>): string | undefined {
  const whole = modules.get(name);
  if (whole !== undefined) return whole;
  const found = /^((?:input|output)_blocks_\d+_\d+|middle_block_\d+)_(.+)$/.exec(name);
  const module = found === null ? undefined : modules.get(found[1]!);
  return module && `${module}_${SGM_RESNET.get(found![2]!) ?? found![2]}`;
}

/** Underscored name -> canonical name of every module that has weights; a name that two modules share means neither. */
function byUnderscores(weights: Weights): ReadonlyMap<string, string | undefined> {
  const modules = new Map<string, string | undefined>();
  for (const name of weights.names) {
    const module = name.slice(0, Math.max(0, name.lastIndexOf(".")));
    const key = module.replaceAll(".", "_");
    modules.set(key, modules.has(key) && modules.get(key) !== module ? undefined : module);
  }
  return modules;
}

const FUSED = ["q_proj", "k_proj", "v_proj"];

/** What answers, for a module as an adapter file spells it, the modules it means: none, one, or the parts of a fused one. */
export function adapterNames(parts: Parts): (module: string) => readonly ResolvedModule[] {
  const networks = new Map<NetworkId, ReadonlyMap<string, string | undefined>>();
  if (parts.unet) networks.set("unet", byUnderscores(parts.unet.weights));
  parts.text.slice(0, 2).forEach(({ weights }, i) => {
    networks.set(i === 0 ? "text0" : "text1", byUnderscores(weights));
  });
  const sgm = parts.unet ? sgmModules(parts.unet.config) : new Map<string, string>();

  const inNetwork = (network: NetworkId, name: string): readonly ResolvedModule[] => {
    const known = networks.get(network);
    if (known === undefined) return [];
    const spellings = [
      name,
      renamed(name, PROCESSOR),
      network === "unet" ? fromSgm(name, sgm) : renamed(name, OPENCLIP),
      `text_model_${name}`,
    ];
    for (const spelling of spellings) {
      const module = spelling && known.get(spelling);
      if (module) return [{ network, module }];
    }
    const fused = /^(.*_self_attn)_in_proj$/.exec(renamed(name, OPENCLIP));
    if (fused === null) return [];
    const bands = FUSED.map((part) => known.get(`${fused[1]}_${part}`));
    if (!bands.every((module) => module !== undefined)) return [];
    return bands.map((module, index) => ({ network, module, band: { index, of: bands.length } }));
  };

  return (spelled) => {
    const unwrapped = withoutWrapper(spelled.replaceAll(".", "_"));
    for (const [prefix, only] of PREFIXES) {
      if (!unwrapped.startsWith(prefix)) continue;
      const name = withoutWrapper(unwrapped.slice(prefix.length));
      for (const network of only === undefined ? networks.keys() : [only]) {
        const found = inNetwork(network, name);
        if (found.length > 0) return found;
      }
    }
    return [];
  };
}

const withoutWrapper = (name: string): string => (name.startsWith(WRAPPER) ? name.slice(WRAPPER.length) : name);
