// A recognised checkpoint: its family and its networks under canonical names, from a single file or a diffusers folder.
import { FewstepError } from "../errors.js";
import type { Folder } from "../files/folder.js";
import { readJsonObject } from "../files/read-json.js";
import type { FileSource } from "../files/source.js";
import { openComponent, readModelIndex } from "../weights/diffusers-folder.js";
import type { Weights } from "../weights/weights.js";
import { type Family, families, type PredictionType } from "./family.js";
import { type Parts, partsOf, type TextPart, type UnetPart, type VaePart } from "./parts.js";
import { recogniseFile, requireKind } from "./recognise-file.js";

/** Where a fact about a checkpoint comes from: what a file cannot tell is a stated default. */
export type Evidence = "marker tensor" | "metadata" | "config" | "family default" | "stated";

export interface Checkpoint {
  readonly name: string;
  readonly family: Family;
  readonly unet: UnetPart;
  readonly text: readonly TextPart[];
  readonly vae?: VaePart;
  readonly prediction: { readonly type: PredictionType; readonly evidence: Evidence };
  readonly zeroTerminalSnr: boolean;
  readonly scalingFactor: number;
  /** States of which layer from the end condition the UNet: the family's, but for encoders stored without their last layer. */
  readonly textSkip: number;
  readonly files: readonly FileSource[];
  readonly unclaimed: readonly string[];
  readonly ignored: readonly string[];
}

/** The family that a UNet's structure belongs to. */
export function familyOf({ config }: UnetPart): Family {
  if (config.additionWidth !== undefined) return families.sdxl;
  return config.projection === "conv" ? families.sd15 : families.sd21;
}

/** `512x768` in multiples of 8 pixels; a longer text is no size. */
const RESOLUTION = /^(\d{2,4})x(\d{2,4})$/;

/** The family, trained at the size that a file states (ModelSpec's `modelspec.resolution`). */
function atStatedSize(family: Family, resolution: string | undefined): Family {
  const [width, height] = (RESOLUTION.exec(resolution ?? "") ?? []).slice(1).map(Number);
  const isSize = (side: number | undefined): side is number => side !== undefined && side >= 64 && side % 8 === 0;
  return isSize(width) && isSize(height) ? { ...family, size: { width, height } } : family;
}

/** A UNet that takes the masked picture beside the latents. */
export function isInpainting(checkpoint: Checkpoint): boolean {
  return checkpoint.unet.config.inChannels === 9;
}

/** Opens a single-file checkpoint. Throws `model-is-…`, `file-is-…`, `checkpoint-incomplete` and the codes of openSafetensors. */
export async function openCheckpoint(source: FileSource, signal?: AbortSignal): Promise<Checkpoint> {
  const found = await recogniseFile(source, signal);
  const parts = found.file && partsOf(found.file.weights);
  if (found.kind === "unet" || found.kind === "vae" || found.kind === "text-encoder")
    throw incomplete(source.name, parts!);
  requireKind(source, found, ["checkpoint"]);
  const { weights, metadata } = found.file!;
  const unet = parts?.unet;
  const family = unet && atStatedSize(familyOf(unet), metadata.get("modelspec.resolution"));
  if (unet === undefined || family === undefined || parts!.text.length !== textEncoders(family))
    throw incomplete(source.name, parts!);
  return {
    name: source.name,
    family,
    unet,
    text: parts!.text,
    ...(parts!.vae === undefined ? {} : { vae: parts!.vae }),
    prediction: predictionOf(weights, metadata, family),
    zeroTerminalSnr: weights.has("ztsnr"),
    scalingFactor: family.scalingFactor,
    textSkip: textSkip(family, parts!.text),
    files: [source],
    unclaimed: parts!.unclaimed,
    ignored: parts!.ignored,
  };
}

/** From the end, at clip skip 1. A family may name the layer instead: folders of SD2 leave out the one behind it, single files do not. */
function textSkip({ text }: Family, encoders: readonly TextPart[]): number {
  if ("skip" in text) return text.skip;
  return Math.max(1, encoders[0]!.config.layers - text.layer + 1);
}

const textEncoders = (family: Family): number => (family.id === "sdxl" ? 2 : 1);

function predictionOf(
  weights: Weights,
  metadata: ReadonlyMap<string, string>,
  family: Family,
): Checkpoint["prediction"] {
  if (weights.has("v_pred")) return { type: "v", evidence: "marker tensor" };
  const stated = metadata.get("modelspec.prediction_type");
  if (stated === "v") return { type: "v", evidence: "metadata" };
  if (stated === "epsilon") return { type: "epsilon", evidence: "metadata" };
  return { type: family.prediction, evidence: "family default" };
}

function incomplete(name: string, parts: Parts): FewstepError {
  const family = parts.unet && familyOf(parts.unet);
  const wanted = family === undefined ? 1 : textEncoders(family);
  const missing = [
    parts.unet === undefined ? "the UNet" : "",
    parts.text.length < wanted
      ? wanted === 2
        ? `${2 - parts.text.length} of 2 text encoders`
        : "the text encoder"
      : "",
    parts.vae === undefined ? "the VAE" : "",
  ].filter((part) => part !== "");
  const has = [
    parts.unet === undefined ? "" : "a UNet",
    parts.text.length === 0 ? "" : `${parts.text.length} text encoder(s)`,
    parts.vae === undefined ? "" : "a VAE",
  ].filter((part) => part !== "");
  return new FewstepError({
    code: "checkpoint-incomplete",
    message: `${name} is no whole checkpoint: it lacks ${missing.join(" and ")}`,
    found: has.join(", ") || "no part of a Stable Diffusion model",
    expected: "a UNet and its text encoder(s); a VAE may come from another file",
    hint:
      parts.unet === undefined
        ? "give a checkpoint with --model"
        : "give a whole checkpoint with --model and this file with --unet",
  });
}

/** The same checkpoint with the UNet of another file (a full LCM, Lightning or Hyper UNet). Throws `unet-misfit`. */
export async function withUnet(checkpoint: Checkpoint, source: FileSource, signal?: AbortSignal): Promise<Checkpoint> {
  const found = await recogniseFile(source, signal);
  requireKind(source, found, ["unet", "checkpoint"]);
  const { unet, unclaimed } = partsOf(found.file!.weights);
  if (unet === undefined) throw incomplete(source.name, { text: [], unclaimed: [], ignored: [] });
  const [mine, theirs] = [checkpoint.unet.config, unet.config];
  if (familyOf(unet).id !== checkpoint.family.id || mine.contextWidth !== theirs.contextWidth) {
    throw new FewstepError({
      code: "unet-misfit",
      message: `the UNet of ${source.name} does not fit ${checkpoint.name}`,
      found: `${familyOf(unet).title}, text width ${theirs.contextWidth}`,
      expected: `${checkpoint.family.title}, text width ${mine.contextWidth}`,
    });
  }
  const from =
    unclaimed.length > 0 && found.kind === "unet" ? [...checkpoint.unclaimed, ...unclaimed] : checkpoint.unclaimed;
  return { ...checkpoint, unet, files: [...checkpoint.files, source], unclaimed: from };
}

/** The same checkpoint with the VAE of another file. */
export async function withVae(checkpoint: Checkpoint, source: FileSource, signal?: AbortSignal): Promise<Checkpoint> {
  const found = await recogniseFile(source, signal);
  requireKind(source, found, ["vae", "checkpoint"]);
  const { vae } = partsOf(found.file!.weights);
  if (vae === undefined) {
    throw new FewstepError({
      code: "vae-missing",
      message: `${source.name} holds no VAE`,
      hint: "give a VAE file or a checkpoint that has one",
    });
  }
  return { ...checkpoint, vae, files: [...checkpoint.files, source] };
}

/** Opens a folder in the diffusers layout, sharded or not. Throws `checkpoint-incomplete` and the codes of openComponent. */
export async function openCheckpointFolder(folder: Folder, signal?: AbortSignal): Promise<Checkpoint> {
  const index = await readModelIndex(folder, signal);
  const open = async (name: string) =>
    index.components.has(name) ? openComponent(folder, name, signal ? { signal } : {}) : undefined;
  const [unetFolder, vaeFolder, ...textFolders] = [
    await open("unet"),
    await open("vae"),
    await open("text_encoder"),
    await open("text_encoder_2"),
  ];
  const unet = unetFolder && partsOf(unetFolder.weights).unet;
  const vae = vaeFolder && partsOf(vaeFolder.weights).vae;
  const text = textFolders.flatMap((component) =>
    component === undefined
      ? []
      : partsOf(component.weights)
          .text.slice(0, 1)
          .map((part) => withConfig(part, component.config)),
  );
  const found: Parts = { ...(unet ? { unet } : {}), ...(vae ? { vae } : {}), text, unclaimed: [], ignored: [] };
  const family = unet && familyOf(unet);
  if (unet === undefined || family === undefined || text.length !== textEncoders(family))
    throw incomplete(folder.name, found);
  const scheduler = await schedulerConfig(folder, signal);
  const scaling = vaeFolder?.config.scaling_factor;
  const files = new Set(
    [unet.weights, ...(vae ? [vae.weights] : []), ...text.map((part) => part.weights)].flatMap((weights) =>
      [...weights.names].map((name) => weights.get(name)!.file),
    ),
  );
  return {
    name: folder.name,
    family,
    unet,
    text,
    ...(vae === undefined ? {} : { vae }),
    prediction: scheduler.prediction ?? { type: family.prediction, evidence: "family default" },
    zeroTerminalSnr: scheduler.zeroTerminalSnr,
    scalingFactor: typeof scaling === "number" ? scaling : family.scalingFactor,
    textSkip: textSkip(family, text),
    files: [...files],
    unclaimed: [],
    ignored: [],
  };
}

/** transformers' config says the activation, which decides between CLIP-L and OpenCLIP better than the weights do. */
function withConfig(part: TextPart, config: Readonly<Record<string, unknown>>): TextPart {
  const quick = config.hidden_act === "quick_gelu";
  return {
    ...part,
    kind: quick ? "clip" : "openclip",
    config: { ...part.config, activation: quick ? "QuickGelu" : "Gelu" },
  };
}

const PREDICTIONS: Readonly<Record<string, PredictionType>> = {
  epsilon: "epsilon",
  v_prediction: "v",
  sample: "sample",
};

async function schedulerConfig(folder: Folder, signal?: AbortSignal) {
  const path = "scheduler/scheduler_config.json";
  if (!(await folder.list(signal)).includes(path)) return { zeroTerminalSnr: false };
  const config = await readJsonObject(await folder.open(path, signal), signal);
  const type = typeof config.prediction_type === "string" ? PREDICTIONS[config.prediction_type] : undefined;
  return {
    zeroTerminalSnr: config.rescale_betas_zero_snr === true,
    ...(type === undefined ? {} : { prediction: { type, evidence: "config" as const } }),
  };
}
