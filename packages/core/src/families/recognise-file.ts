// Says what any file is, from its first bytes and its header alone: a checkpoint, a part of one, an adapter, or something else with what
// to do about it. Which family a checkpoint belongs to is finally checkpoint.ts's decision; here it is what one width tells.
import { FewstepError } from "../errors.js";
import { type ContainerKind, containerOf } from "../files/container.js";
import { showName } from "../files/show-name.js";
import type { FileSource } from "../files/source.js";
import { openSafetensors, type SafetensorsFile } from "../weights/safetensors.js";
import type { LazyTensor, Weights } from "../weights/weights.js";
import { type AdapterMarks, adapterMarks, foreignAdapter } from "./adapter-marks.js";
import { type FamilyId, families } from "./family.js";
import { FOREIGN, type ForeignModelKind } from "./foreign.js";
import { KIND_RULES, type KindRule, type ModelKind, PREFIXES, type UsableKind } from "./model-kinds.js";

export type FileKind = ModelKind | ContainerKind;

export interface Recognised {
  readonly kind: FileKind;
  /** Completes "this is ...". */
  readonly title: string;
  /** The tensor name that decided. */
  readonly evidence?: string;
  /** The family, where a width in the file is one family's own. */
  readonly family?: FamilyId;
  /** Of a UNet: 4, or 9 for inpainting. */
  readonly inputChannels?: number;
  readonly adapter?: AdapterMarks;
  /** For what cannot be used: what to do instead. */
  readonly remedy?: string;
}

export interface RecognisedFile extends Recognised {
  /** The opened file; absent where it is no safetensors file. */
  readonly file?: SafetensorsFile;
}

/** "*" stands for the family's name. */
const TITLES: Readonly<Record<UsableKind, string>> = {
  checkpoint: "a * checkpoint",
  unet: "a * UNet alone",
  vae: "a Stable Diffusion VAE alone",
  taesd: "a tiny VAE (TAESD)",
  "text-encoder": "a CLIP text encoder alone",
  adapter: "an adapter (LoRA or its kind) for *",
  embedding: "a textual inversion embedding",
};
const INPAINTING_CHANNELS = 9;

/** Width of the text states a cross-attention reads -> the one family that has it. */
const CONTEXT_FAMILIES: ReadonlyMap<number, FamilyId> = new Map([
  [768, "sd15"],
  [1024, "sd21"],
  [2048, "sdxl"],
]);
const CONTEXT_INPUT =
  /attn2(?:\.processor)?[._]to_[kv](?:_lora)?\.(?:weight|lora_down\.weight|lora_A(?:\.\w+)?\.weight|(?:lora\.)?down\.weight|hada_w1_b|b[12]\.weight|diff)$/;
/** Only SDXL has a second text encoder. */
const SECOND_ENCODER = /^(?:lora_te2_|text_encoder_2\.)/;
/** What trainers write into an adapter's metadata about its base. */
const METADATA_FAMILIES: readonly (readonly [RegExp, FamilyId])[] = [
  [/^(?:sdxl|stable-diffusion-xl)/, "sdxl"],
  [/^(?:sd_v2|stable-diffusion-v2)/, "sd21"],
  [/^(?:sd_v1|stable-diffusion-v1)/, "sd15"],
];
/** Widths of a token embedding of the text encoders: CLIP-L, OpenCLIP H, OpenCLIP G. */
const TOKEN_WIDTHS: ReadonlySet<number> = new Set([768, 1024, 1280]);
/** Names that only textual inversions have, whatever their width. */
const EMBEDDING_NAMES: ReadonlySet<string> = new Set(["emb_params", "clip_l", "clip_g"]);
/** Embeddings have at most a few vectors, in at most two tensors. */
const MAX_EMBEDDING_TENSORS = 4;

/** Opens and recognises. Throws openSafetensors' codes for a damaged safetensors file; other formats are an answer, not an error. */
export async function recogniseFile(source: FileSource, signal?: AbortSignal): Promise<RecognisedFile> {
  try {
    const file = await openSafetensors(source, signal);
    return { ...recogniseWeights(file.weights, file.metadata), file };
  } catch (error) {
    if (!(error instanceof FewstepError) || !error.code.startsWith("file-is-")) throw error;
    const container = await containerOf(source, signal);
    if (container === undefined) throw error;
    return { kind: container.kind, title: container.label, remedy: container.hint };
  }
}

/** Recognises by names and shapes; metadata says the family where no width does. */
export function recogniseWeights(weights: Weights, metadata: ReadonlyMap<string, string> = new Map()): Recognised {
  const adapter = adapterMarks(weights);
  if (adapter !== undefined && !weights.has("lora_controlnet")) return recogniseAdapter(weights, adapter, metadata);
  for (const rule of KIND_RULES) {
    const first = firstTensor(rule, weights);
    if (first !== undefined) return describe(rule.kind, first, weights, metadata);
  }
  const embedding = embeddingTensor(weights);
  return embedding === undefined
    ? foreign("unknown")
    : { kind: "embedding", title: TITLES.embedding, evidence: embedding.name };
}

/** Throws `model-is-KIND` or `file-is-KIND` with the remedy unless the file is of one of the kinds. */
export function requireKind(source: FileSource, found: Recognised, kinds: readonly UsableKind[]): void {
  if (kinds.some((kind) => kind === found.kind)) return;
  throw new FewstepError({
    code: `${found.kind in FOREIGN || found.kind in TITLES ? "model" : "file"}-is-${found.kind}`,
    message: `${source.name} cannot be used here: this is ${found.title}`,
    ...(found.evidence === undefined ? {} : { found: `a tensor named ${showName(found.evidence)}` }),
    expected: kinds.map((kind) => titleOf(kind)).join(", or "),
    ...(found.remedy === undefined ? {} : { hint: found.remedy }),
  });
}

function titleOf(kind: UsableKind, family?: FamilyId, inputChannels?: number): string {
  const title = TITLES[kind].replace("*", family === undefined ? "Stable Diffusion" : families[family].title);
  return inputChannels === INPAINTING_CHANNELS ? `${title}, for inpainting` : title;
}

function foreign(kind: ForeignModelKind, evidence?: string): Recognised {
  const { title, remedy } = FOREIGN[kind];
  return { kind, title, remedy, ...(evidence === undefined ? {} : { evidence }) };
}

function isForeign(kind: ModelKind): kind is ForeignModelKind {
  return kind in FOREIGN;
}

function describe(
  kind: ModelKind,
  first: LazyTensor,
  weights: Weights,
  metadata: ReadonlyMap<string, string>,
): Recognised {
  if (isForeign(kind)) return foreign(kind, first.name);
  const family = familyOf(weights) ?? metadataFamily(metadata);
  const inputChannels = kind === "checkpoint" || kind === "unet" ? first.shape[1] : undefined;
  return {
    kind,
    title: titleOf(kind, family, inputChannels),
    evidence: first.name,
    ...(family === undefined ? {} : { family }),
    ...(inputChannels === undefined ? {} : { inputChannels }),
  };
}

function recogniseAdapter(weights: Weights, adapter: AdapterMarks, metadata: ReadonlyMap<string, string>): Recognised {
  const other = foreignAdapter(weights, adapter);
  if (other !== undefined) return { ...foreign(...other), adapter };
  const family = familyOf(weights) ?? metadataFamily(metadata);
  const { evidence } = adapter;
  return {
    kind: "adapter",
    title: titleOf("adapter", family),
    evidence,
    adapter,
    ...(family === undefined ? {} : { family }),
  };
}

/** The tensor the first key of a rule found, when all its keys are there and its condition holds. */
function firstTensor(rule: KindRule, weights: Weights): LazyTensor | undefined {
  const found = rule.keys.map((key) => tensorOf(weights, key));
  const [first] = found;
  if (first === undefined || found.includes(undefined)) return undefined;
  return rule.when === undefined || rule.when(first, weights) ? first : undefined;
}

function tensorOf(weights: Weights, key: string | RegExp): LazyTensor | undefined {
  if (typeof key === "string") {
    const prefix = PREFIXES.find((prefix) => weights.has(prefix + key));
    return prefix === undefined ? undefined : weights.get(prefix + key);
  }
  for (const name of weights.names) if (key.test(name)) return weights.get(name);
  return undefined;
}

function familyOf(weights: Weights): FamilyId | undefined {
  for (const name of weights.names) {
    if (SECOND_ENCODER.test(name)) return "sdxl";
    if (!CONTEXT_INPUT.test(name)) continue;
    const family = CONTEXT_FAMILIES.get((weights.get(name) as LazyTensor).shape[1] ?? 0);
    // of GLoRA's two, only one has the width
    if (family !== undefined || !/\.b[12]\.weight$/.test(name)) return family;
  }
  return undefined;
}

function metadataFamily(metadata: ReadonlyMap<string, string>): FamilyId | undefined {
  const written = metadata.get("ss_base_model_version") ?? metadata.get("modelspec.architecture") ?? "";
  return METADATA_FAMILIES.find(([mark]) => mark.test(written))?.[1];
}

/** The first vector list of a file that holds nothing else. */
function embeddingTensor(weights: Weights): LazyTensor | undefined {
  const tensors = [...weights.names].map((name) => weights.get(name) as LazyTensor);
  const isEmbedding = ({ name, shape }: LazyTensor) =>
    shape.length <= 2 && (TOKEN_WIDTHS.has(shape.at(-1) ?? 0) || EMBEDDING_NAMES.has(name));
  return tensors.length <= MAX_EMBEDDING_TENSORS && tensors.every(isEmbedding) ? tensors[0] : undefined;
}
