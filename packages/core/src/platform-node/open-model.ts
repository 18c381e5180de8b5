// Models, LoRAs and TAESD files by their paths on disk. Nothing but headers (and a LoRA's alphas) is read.
import { stat } from "node:fs/promises";
import { FewstepError } from "../errors.js";
import { type AdapterFit, fitAdapter } from "../families/adapter-fit.js";
import { type Checkpoint, openCheckpoint, openCheckpointFolder, withUnet, withVae } from "../families/checkpoint.js";
import { type RecognisedFile, recogniseFile, requireKind } from "../families/recognise-file.js";
import { type TaesdPart, taesdPart } from "../families/taesd.js";
import { openFile } from "../files/open-file.js";
import type { FileSource } from "../files/source.js";
import { parseAdapter } from "../weights/adapters/parse.js";
import { openFolder } from "./disk-folder.js";

/** An adapter file, fitted to a checkpoint. */
export interface OpenedLora {
  readonly source: FileSource;
  readonly recognised: RecognisedFile;
  readonly fit: AdapterFit;
}

export interface OpenModelOptions {
  /** A file whose UNet replaces the model's: a full LCM, Lightning or Hyper UNet, or a whole checkpoint. */
  readonly unet?: string;
  /** A file whose VAE replaces the model's. */
  readonly vae?: string;
  readonly signal?: AbortSignal;
}

/**
 * Opens a single-file checkpoint or a folder in the diffusers layout.
 * @throws FewstepError `file-not-found`, `model-is-KIND`, `file-is-KIND`, `checkpoint-incomplete`, `unet-misfit`, `vae-missing`, and the
 * codes of openSafetensors and openComponent
 */
export async function openModel(path: string, { unet, vae, signal }: OpenModelOptions = {}): Promise<Checkpoint> {
  const isFolder = await stat(path).then(
    (stats) => stats.isDirectory(),
    () => false,
  );
  let checkpoint = isFolder
    ? await openCheckpointFolder(await openFolder(path), signal)
    : await openCheckpoint(await openFile(path), signal);
  if (unet !== undefined) checkpoint = await withUnet(checkpoint, await openFile(unet), signal);
  if (vae !== undefined) checkpoint = await withVae(checkpoint, await openFile(vae), signal);
  return checkpoint;
}

/**
 * Opens an adapter file of any supported format and fits it to a checkpoint.
 * @throws FewstepError `file-not-found`, `model-is-KIND`, `file-is-KIND`, and the codes of parseAdapter and fitAdapter
 */
export async function openLora(path: string, checkpoint: Checkpoint, signal?: AbortSignal): Promise<OpenedLora> {
  const source = await openFile(path);
  const recognised = await recogniseFile(source, signal);
  requireKind(source, recognised, ["adapter"]);
  const fit = fitAdapter(await parseAdapter(source.name, recognised.file!, signal), checkpoint);
  return { source, recognised, fit };
}

/** Opens a TAESD file that holds a decoder. @throws FewstepError `model-is-KIND`, `file-is-KIND`, `taesd-no-decoder` */
export async function openTaesd(path: string, signal?: AbortSignal): Promise<TaesdPart> {
  const source = await openFile(path);
  const found = await recogniseFile(source, signal);
  requireKind(source, found, ["taesd"]);
  const part = taesdPart(found.file!.weights);
  if (part?.decoder) return part;
  throw new FewstepError({
    code: "taesd-no-decoder",
    message: `${source.name} holds no TAESD decoder`,
    found: part === undefined ? "a layout that is not known" : "an encoder alone",
    expected: "taesd_decoder.safetensors, or the diffusers file with both",
  });
}
