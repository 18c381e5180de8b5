// Canonical (diffusers) names of single-file checkpoint weights. A file's blocks are numbered flat; what a block is, its keys say,
// so pruned and widened networks need no table.
import { tensorRows } from "../weights/tensor-rows.js";
import { type LazyTensor, type Weights, weightsOf } from "../weights/weights.js";

export interface NamedPart {
  readonly weights: Weights;
  /** Names in the file of what went into the part. */
  readonly claimed: ReadonlySet<string>;
}

type Rename = readonly [from: RegExp, to: string];

const RESNET: readonly Rename[] = [
  [/^in_layers\.0\./, "norm1."],
  [/^in_layers\.2\./, "conv1."],
  [/^emb_layers\.1\./, "time_emb_proj."],
  [/^out_layers\.0\./, "norm2."],
  [/^out_layers\.3\./, "conv2."],
  [/^skip_connection\./, "conv_shortcut."],
];

const UNET_ENDS: readonly Rename[] = [
  [/^time_embed\.0\./, "time_embedding.linear_1."],
  [/^time_embed\.2\./, "time_embedding.linear_2."],
  [/^time_embed\.cond_proj\./, "time_embedding.cond_proj."],
  [/^label_emb\.0\.0\./, "add_embedding.linear_1."],
  [/^label_emb\.0\.2\./, "add_embedding.linear_2."],
  [/^input_blocks\.0\.0\./, "conv_in."],
  [/^out\.0\./, "conv_norm_out."],
  [/^out\.2\./, "conv_out."],
];

function apply(name: string, renames: readonly Rename[]): string | undefined {
  const rename = renames.find(([from]) => from.test(name));
  return rename && name.replace(rename[0], rename[1]);
}

type PieceKind = "resnet" | "transformer" | "downsampler" | "upsampler";

/** What `input_blocks.4.1` is, from the names below it. */
function kindOf(rest: string): PieceKind | undefined {
  if (/^(in_layers|out_layers|emb_layers|skip_connection)\./.test(rest)) return "resnet";
  if (/^(transformer_blocks|proj_in|proj_out|norm)\./.test(rest)) return "transformer";
  if (rest.startsWith("op.")) return "downsampler";
  if (rest.startsWith("conv.")) return "upsampler";
  return undefined;
}

/** `input_blocks.4.1` -> `down_blocks.1.attentions.0`: the module names of a UNet in the flat numbering of LDM and SGM files. */
export function unetModules(names: Iterable<string>): ReadonlyMap<string, string> {
  const kinds = new Map<string, PieceKind>();
  for (const name of names) {
    const match = /^((?:input_blocks|output_blocks)\.\d+\.\d+|middle_block\.\d+)\.(.+)$/.exec(name);
    const kind = match && kindOf(match[2]!);
    if (kind) kinds.set(match[1]!, kind);
  }
  const pieces = [...kinds].map(([path, kind]) => {
    const [side, ...numbers] = path.split(".");
    return { path, side: side!, block: Number(numbers[0]), piece: Number(numbers[1] ?? 0), kind };
  });
  pieces.sort((a, b) => a.block - b.block || a.piece - b.piece);
  return new Map([
    ...sideNames(
      pieces.filter((p) => p.side === "input_blocks"),
      "down_blocks",
      "downsampler",
    ),
    ...sideNames(
      pieces.filter((p) => p.side === "middle_block"),
      "mid_block",
      undefined,
    ),
    ...sideNames(
      pieces.filter((p) => p.side === "output_blocks"),
      "up_blocks",
      "upsampler",
    ),
  ]);
}

function* sideNames(
  pieces: readonly { readonly path: string; readonly kind: PieceKind }[],
  side: string,
  closing: PieceKind | undefined,
): Generator<[string, string]> {
  let level = 0;
  let resnets = 0;
  let attentions = 0;
  for (const { path, kind } of pieces) {
    const block = closing === undefined ? side : `${side}.${level}`;
    if (kind === "resnet") yield [path, `${block}.resnets.${resnets++}`];
    else if (kind === "transformer") yield [path, `${block}.attentions.${attentions++}`];
    else yield [path, `${block}.${kind}s.0`];
    if (kind === closing) {
      level++;
      resnets = 0;
      attentions = 0;
    }
  }
}

/** Canonical name of one UNet weight, or undefined if it is none. */
export function unetName(name: string, modules: ReadonlyMap<string, string>): string | undefined {
  const end = apply(name, UNET_ENDS);
  if (end !== undefined) return end;
  const match = /^((?:input_blocks|output_blocks)\.\d+\.\d+|middle_block\.\d+)\.(.+)$/.exec(name);
  const module = match === null ? undefined : modules.get(match[1]!);
  if (match === null || module === undefined) return undefined;
  const rest = match[2]!;
  if (module.includes(".resnets.")) {
    const inner = apply(rest, RESNET);
    return inner && `${module}.${inner}`;
  }
  return `${module}.${rest.replace(/^op\./, "conv.")}`;
}

const VAE_ATTENTION: readonly Rename[] = [
  [/^norm\./, "group_norm."],
  [/^(q|query)\./, "to_q."],
  [/^(k|key)\./, "to_k."],
  [/^(v|value)\./, "to_v."],
  [/^(proj_out|proj_attn)\./, "to_out.0."],
];

/** Canonical name of one VAE weight in the LDM or the first diffusers spelling; other names stand. */
export function vaeName(name: string, levels: number): string {
  const attention = /^((?:encoder|decoder)\.)(?:mid\.attn_1|mid_block\.attentions\.0)\.(.+)$/.exec(name);
  if (attention) return `${attention[1]}mid_block.attentions.0.${apply(attention[2]!, VAE_ATTENTION) ?? attention[2]}`;
  return name
    .replace(/^(encoder|decoder)\.norm_out\./, "$1.conv_norm_out.")
    .replace(/^(encoder|decoder)\.mid\.block_(\d)\./, (_, side, n) => `${side}.mid_block.resnets.${Number(n) - 1}.`)
    .replace(/^encoder\.down\.(\d+)\.block\./, "encoder.down_blocks.$1.resnets.")
    .replace(/^encoder\.down\.(\d+)\.downsample\./, "encoder.down_blocks.$1.downsamplers.0.")
    .replace(/^decoder\.up\.(\d+)\.block\./, (_, n) => `decoder.up_blocks.${levels - 1 - Number(n)}.resnets.`)
    .replace(/^decoder\.up\.(\d+)\.upsample\./, (_, n) => `decoder.up_blocks.${levels - 1 - Number(n)}.upsamplers.0.`)
    .replace(".nin_shortcut.", ".conv_shortcut.");
}

const OPENCLIP: readonly Rename[] = [
  [/^positional_embedding$/, "text_model.embeddings.position_embedding.weight"],
  [/^token_embedding\.weight$/, "text_model.embeddings.token_embedding.weight"],
  [/^text_projection$/, "text_projection.weight"],
  [/^text_projection\.weight$/, "text_projection.weight"],
  [/^ln_final\./, "text_model.final_layer_norm."],
  [/^transformer\.resblocks\.(\d+)\.ln_1\./, "text_model.encoder.layers.$1.layer_norm1."],
  [/^transformer\.resblocks\.(\d+)\.ln_2\./, "text_model.encoder.layers.$1.layer_norm2."],
  [/^transformer\.resblocks\.(\d+)\.attn\.out_proj\./, "text_model.encoder.layers.$1.self_attn.out_proj."],
  [/^transformer\.resblocks\.(\d+)\.mlp\.c_fc\./, "text_model.encoder.layers.$1.mlp.fc1."],
  [/^transformer\.resblocks\.(\d+)\.mlp\.c_proj\./, "text_model.encoder.layers.$1.mlp.fc2."],
];

/** Canonical weights of an OpenCLIP text encoder; the fused in_proj becomes three views of its rows. */
export function openClipWeights(
  names: Iterable<string>,
  get: (name: string) => LazyTensor,
): readonly (readonly [string, LazyTensor])[] {
  return [...names].flatMap((name): (readonly [string, LazyTensor])[] => {
    const tensor = get(name);
    const fused = /^transformer\.resblocks\.(\d+)\.attn\.in_proj_(weight|bias)$/.exec(name);
    if (fused) {
      const width = tensor.shape[0]! / 3;
      return ["q_proj", "k_proj", "v_proj"].map((projection, i) => [
        `text_model.encoder.layers.${fused[1]}.self_attn.${projection}.${fused[2]}`,
        tensorRows(tensor, i * width, (i + 1) * width),
      ]);
    }
    const canonical = apply(name, OPENCLIP);
    return canonical === undefined ? [] : [[canonical, tensor]];
  });
}

/** The names below `prefix`, without it, mapped by `rename`; what it does not know is not claimed. */
export function part(
  file: Weights,
  prefix: string,
  rename: (name: string) => string | undefined,
  shape: (name: string, tensor: LazyTensor) => LazyTensor = (_, tensor) => tensor,
): NamedPart {
  const claimed = new Set<string>();
  const entries: (readonly [string, LazyTensor])[] = [];
  for (const name of file.names) {
    if (!name.startsWith(prefix)) continue;
    const canonical = rename(name.slice(prefix.length));
    if (canonical === undefined) continue;
    claimed.add(name);
    entries.push([canonical, shape(canonical, file.get(name)!)]);
  }
  return { weights: weightsOf(entries), claimed };
}
