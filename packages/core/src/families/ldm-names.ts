// Names of weights in a single file (the layout of CompVis's and Stability's code) from their canonical names: the inverse of names.ts, by
// which such files are read, and which the tests hold it against. A UNet's blocks are numbered flat there, in the order of execution.
import type { UnetConfig } from "../models/unet.js";

type Rename = readonly [from: RegExp, to: string];

const apply = (name: string, renames: readonly Rename[]): string =>
  renames.reduce((renamed, [from, to]) => renamed.replace(from, to), name);

const UNET_ENDS: readonly Rename[] = [
  [/^time_embedding\.linear_1\./, "time_embed.0."],
  [/^time_embedding\.linear_2\./, "time_embed.2."],
  [/^time_embedding\.cond_proj\./, "time_embed.cond_proj."],
  [/^add_embedding\.linear_1\./, "label_emb.0.0."],
  [/^add_embedding\.linear_2\./, "label_emb.0.2."],
  [/^conv_in\./, "input_blocks.0.0."],
  [/^conv_norm_out\./, "out.0."],
  [/^conv_out\./, "out.2."],
];

const RESNET: readonly Rename[] = [
  [/^norm1\./, "in_layers.0."],
  [/^conv1\./, "in_layers.2."],
  [/^time_emb_proj\./, "emb_layers.1."],
  [/^norm2\./, "out_layers.0."],
  [/^conv2\./, "out_layers.3."],
  [/^conv_shortcut\./, "skip_connection."],
];

/** Canonical module -> module of the single file. */
function unetModules(config: UnetConfig): ReadonlyMap<string, string> {
  const modules = new Map<string, string>();
  // input_blocks.0 is conv_in
  let block = 1;
  config.down.forEach((level, i) => {
    let attentions = 0;
    level.transformers.forEach((depth, j) => {
      modules.set(`down_blocks.${i}.resnets.${j}`, `input_blocks.${block}.0`);
      if (depth > 0) modules.set(`down_blocks.${i}.attentions.${attentions++}`, `input_blocks.${block}.1`);
      block++;
    });
    if (level.resample) modules.set(`down_blocks.${i}.downsamplers.0`, `input_blocks.${block++}.0`);
  });
  let piece = 0;
  for (let i = 0; i < config.mid.resnets; i++) {
    modules.set(`mid_block.resnets.${i}`, `middle_block.${piece++}`);
    if ((config.mid.transformers[i] ?? 0) > 0) modules.set(`mid_block.attentions.${i}`, `middle_block.${piece++}`);
  }
  block = 0;
  config.up.forEach((level, i) => {
    let attentions = 0;
    level.transformers.forEach((depth, j) => {
      piece = 0;
      modules.set(`up_blocks.${i}.resnets.${j}`, `output_blocks.${block}.${piece++}`);
      if (depth > 0) modules.set(`up_blocks.${i}.attentions.${attentions++}`, `output_blocks.${block}.${piece++}`);
      const last = j === level.transformers.length - 1;
      if (last && level.resample) modules.set(`up_blocks.${i}.upsamplers.0`, `output_blocks.${block}.${piece}`);
      block++;
    });
  });
  return modules;
}

/** Canonical name of a UNet weight -> its name in a single file, without a prefix. */
export function ldmUnetNames(config: UnetConfig): (name: string) => string {
  const modules = unetModules(config);
  return (name) => {
    const ends = apply(name, UNET_ENDS);
    if (ends !== name) return ends;
    const match =
      /^((?:(?:down|up)_blocks\.\d+|mid_block)\.(resnets|attentions|downsamplers|upsamplers)\.\d+)\.(.+)$/.exec(name);
    const module = match === null ? undefined : modules.get(match[1]!);
    if (match === null || module === undefined) throw new RangeError(`${name} is no weight of this UNet`);
    const rest = match[3]!;
    if (match[2] === "resnets") return `${module}.${apply(rest, RESNET)}`;
    return `${module}.${match[2] === "downsamplers" ? rest.replace(/^conv\./, "op.") : rest}`;
  };
}

/** Canonical name of a VAE weight -> its name in a single file, without a prefix. */
export function ldmVaeName(name: string, levels: number): string {
  return apply(name, [
    [/\.conv_shortcut\./, ".nin_shortcut."],
    [/\.mid_block\.attentions\.0\.group_norm\./, ".mid.attn_1.norm."],
    [/\.mid_block\.attentions\.0\.to_([qkv])\./, ".mid.attn_1.$1."],
    [/\.mid_block\.attentions\.0\.to_out\.0\./, ".mid.attn_1.proj_out."],
    [/\.conv_norm_out\./, ".norm_out."],
    [/\.down_blocks\.(\d+)\.resnets\./, ".down.$1.block."],
    [/\.down_blocks\.(\d+)\.downsamplers\.0\./, ".down.$1.downsample."],
  ])
    .replace(/\.mid_block\.resnets\.(\d)\./, (_, n) => `.mid.block_${Number(n) + 1}.`)
    .replace(/\.up_blocks\.(\d+)\.resnets\./, (_, n) => `.up.${levels - 1 - Number(n)}.block.`)
    .replace(/\.up_blocks\.(\d+)\.upsamplers\.0\./, (_, n) => `.up.${levels - 1 - Number(n)}.upsample.`);
}

const OPENCLIP: readonly Rename[] = [
  [/^text_model\.embeddings\.position_embedding\.weight$/, "positional_embedding"],
  [/^text_model\.embeddings\.token_embedding\./, "token_embedding."],
  [/^text_model\.final_layer_norm\./, "ln_final."],
  [/^text_projection\.weight$/, "text_projection"],
  [/^text_model\.encoder\.layers\./, "transformer.resblocks."],
  [/\.layer_norm([12])\./, ".ln_$1."],
  [/\.self_attn\.out_proj\./, ".attn.out_proj."],
  [/\.mlp\.fc1\./, ".mlp.c_fc."],
  [/\.mlp\.fc2\./, ".mlp.c_proj."],
];

/** Bands of rows of a fused layer, in their order. */
const FUSED = "qkv";

/** Canonical name of an OpenCLIP weight -> its name in a single file, and which of three bands of rows it is there. */
export function ldmOpenClipName(name: string): { readonly name: string; readonly band?: number } {
  const fused = /^text_model\.encoder\.layers\.(\d+)\.self_attn\.([qkv])_proj\.(weight|bias)$/.exec(name);
  if (fused === null) return { name: apply(name, OPENCLIP) };
  const [, layer, projection, kind] = fused;
  const band = FUSED.indexOf(projection!);
  return { name: `transformer.resblocks.${layer}.attn.in_proj_${kind}`, band };
}
