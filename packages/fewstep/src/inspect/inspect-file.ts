// A file or folder to an Inspection. Reads headers, a LoRA's alphas and nothing else.
import {
  type Checkpoint,
  elementCount,
  entriesOf,
  FewstepError,
  type FileSource,
  type Folder,
  isInpainting,
  type LazyTensor,
  openCheckpoint,
  openCheckpointFolder,
  type Parts,
  partsOf,
  type RecognisedFile,
  recogniseFile,
  type Weights,
} from "@fewstep/core";
import { recognitionLine } from "@fewstep/core/node";
import { recognisedFile } from "../run/accelerate-run.js";
import { inspectAdapter } from "./inspect-adapter.js";
import type { Inspection, PartInspection } from "./inspection.js";

export interface Inspected {
  readonly inspection: Inspection;
  /** All tensors, for a deep look. */
  readonly weights: readonly LazyTensor[];
}

/** Names of unclaimed tensors that are shown; --json has as many. */
const SHOWN_NAMES = 20;
/** Metadata holds whole training logs: shown up to this many characters a value. */
const SHOWN_METADATA = 300;
const MODELS: ReadonlySet<string> = new Set(["checkpoint", "unet", "vae", "text-encoder"]);

export async function inspectFile(source: FileSource, signal: AbortSignal): Promise<Inspected> {
  const found = await recogniseFile(source, signal);
  const { kind, title, family, evidence, remedy, file } = found;
  const about = {
    ...(source.path === undefined ? {} : { path: source.path }),
    name: source.name,
    bytes: source.blob.size,
    kind,
    title,
    ...(family === undefined ? {} : { family }),
    ...(evidence === undefined ? {} : { evidence }),
    ...(remedy === undefined ? {} : { remedy }),
  };
  if (file === undefined) return { inspection: about, weights: [] };
  const tensors = tensorsOf(file.weights);
  const inspection = {
    ...about,
    tensors: tensors.length,
    ...counted(tensors),
    ...(MODELS.has(kind) ? await inspectModel(source, found, signal) : {}),
    ...(kind === "adapter" ? await inspectAdapter(source, found, signal) : {}),
    ...(await acceleratorOf(source, found, signal)),
    metadata: Object.fromEntries([...file.metadata].map(([key, value]) => [key, value.slice(0, SHOWN_METADATA)])),
  };
  return { inspection, weights: tensors };
}

export async function inspectFolder(folder: Folder, signal: AbortSignal): Promise<Inspected> {
  const checkpoint = await openCheckpointFolder(folder, signal);
  const { family, files } = checkpoint;
  const weights = [checkpoint.unet, ...checkpoint.text, ...(checkpoint.vae ? [checkpoint.vae] : [])].flatMap((part) =>
    tensorsOf(part.weights),
  );
  const inspection: Inspection = {
    name: folder.name,
    bytes: files.reduce((sum, file) => sum + file.blob.size, 0),
    kind: "checkpoint",
    tensors: weights.length,
    ...counted(weights),
    parts: partInspections(checkpoint),
    ...told(checkpoint),
    title: `a ${family.title} model in a diffusers folder${isInpainting(checkpoint) ? ", for inpainting" : ""}`,
  };
  return { inspection, weights };
}

async function inspectModel(source: FileSource, { file, kind }: RecognisedFile, signal: AbortSignal) {
  const parts = partsOf(file!.weights);
  const { unclaimed, ignored } = parts;
  return {
    parts: partInspections(parts),
    ...(kind === "checkpoint" ? await asCheckpoint(source, signal) : {}),
    unclaimed: { count: unclaimed.length, first: unclaimed.slice(0, SHOWN_NAMES) },
    ignored: ignored.length,
  };
}

async function asCheckpoint(source: FileSource, signal: AbortSignal): Promise<Partial<Inspection>> {
  try {
    return told(await openCheckpoint(source, signal));
  } catch (error) {
    if (error instanceof FewstepError && error.code === "checkpoint-incomplete") return { incomplete: error.summary };
    throw error;
  }
}

/** What is known once a checkpoint is opened, its family for certain. */
function told(checkpoint: Checkpoint): Partial<Inspection> {
  const { prediction, zeroTerminalSnr, family } = checkpoint;
  return {
    title: `a ${family.title} checkpoint${isInpainting(checkpoint) ? ", for inpainting" : ""}`,
    family: family.id,
    prediction: { ...prediction },
    zeroTerminalSnr,
  };
}

function partInspections({ unet, text, vae }: Pick<Parts, "unet" | "text" | "vae">): readonly PartInspection[] {
  const part = (name: PartInspection["part"], { weights, config }: { weights: Weights; config: object }) => ({
    part: name,
    ...counted(tensorsOf(weights)),
    config,
  });
  return [
    ...(unet ? [part("unet", unet)] : []),
    ...text.map((one) => part("text encoder", one)),
    ...(vae ? [part("vae", vae)] : []),
  ];
}

async function acceleratorOf(
  source: FileSource,
  found: RecognisedFile,
  signal: AbortSignal,
): Promise<Partial<Inspection>> {
  // an adapter's ranks and layers are needed: inspectAdapter says it
  if (found.kind === "adapter") return {};
  const recognition = (await recognisedFile(source, found, signal))?.recognition;
  if (recognition === undefined || recognition.candidates.length === 0) return {};
  const candidates = recognition.candidates.map(({ variant }) => variant.name);
  return { accelerator: { candidates: [...new Set(candidates)], line: recognitionLine(recognition) } };
}

function tensorsOf(weights: Weights): readonly LazyTensor[] {
  return [...entriesOf(weights)].map(([, tensor]) => tensor);
}

function counted(tensors: readonly LazyTensor[]): { parameters: number; dtypes: Readonly<Record<string, number>> } {
  const dtypes = new Map<string, number>();
  for (const { dtype, shape } of tensors) {
    const count = elementCount(shape);
    // an empty tensor is a marker, and no weight
    if (count > 0) dtypes.set(dtype, (dtypes.get(dtype) ?? 0) + count);
  }
  return { parameters: [...dtypes.values()].reduce((sum, n) => sum + n, 0), dtypes: Object.fromEntries(dtypes) };
}
