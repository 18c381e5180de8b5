// Everything that a run needs, found and opened by headers alone: the checkpoint with its replaced parts, the LoRAs with their strengths
// and the TAESD. Whatever is wrong with a file is said here, before anything is loaded.
import { extractNetworks, FewstepError, type FileSource, fitNotes } from "@fewstep/core";
import {
  type ActiveAdapter,
  adapterBlocks,
  type BlockFactors,
  type Checkpoint,
  checkStrength,
  type EmbeddingFile,
  findModel,
  type InversionVectors,
  type ModelFolders,
  type OpenedLora,
  openEmbeddings,
  openFile,
  openLora,
  openModel,
  openTaesd,
  type TaesdPart,
} from "@fewstep/core/node";
import type { EmbeddingOption } from "./embedding-option.js";
import { findFile } from "./find-file.js";
import type { LoraOption } from "./lora-option.js";
import type { RequestOptions } from "./request-options.js";

export interface RunFiles {
  readonly checkpoint: Checkpoint;
  readonly loras: readonly RunLora[];
  readonly taesd?: TaesdPart;
  /** Textual inversions that were given by name. */
  readonly embeddings: readonly RunEmbedding[];
  /** Paths of files given beside the model. */
  readonly unet?: string;
  readonly vae?: string;
}

export interface RunEmbedding {
  /** What prompts call it. */
  readonly name: string;
  /** Below the user's folder it was found in, without the ending: `style/ink`. */
  readonly file: string;
  readonly source: FileSource;
  readonly vectors: InversionVectors;
}

export interface RunLora {
  readonly opened: OpenedLora;
  readonly strengthUnet?: number;
  readonly strengthText?: number;
  readonly strengthSteps?: readonly number[];
  /** By canonical names. */
  readonly blocks?: BlockFactors;
}

export interface RunOptions extends RequestOptions {
  readonly taesd?: string;
}

/** @throws FewstepError `model-missing`, `lora-twice`, and the codes of findFile, openModel, openLora and openTaesd */
export async function openRun(options: RunOptions, folders: ModelFolders, signal: AbortSignal): Promise<RunFiles> {
  if (options.model === undefined) {
    throw new FewstepError({
      code: "model-missing",
      message: "there is no model",
      expected: "--model FILE: a .safetensors checkpoint or a diffusers folder",
    });
  }
  const find = (role: "unet" | "vae" | "taesd", written: string | undefined) =>
    written === undefined ? undefined : findFile(folders, role, written, signal);
  const [unet, vae, taesd] = [
    await find("unet", options.unet),
    await find("vae", options.vae),
    await find("taesd", options.taesd),
  ];
  const replaced = { ...(unet === undefined ? {} : { unet }), ...(vae === undefined ? {} : { vae }) };
  const model = await findFile(folders, "checkpoint", options.model, signal);
  const checkpoint = await openModel(model, { ...replaced, signal });
  const loras = await openLoras(options.lora, checkpoint, folders, signal);
  return {
    checkpoint,
    loras,
    embeddings: await openGiven(options.embedding, checkpoint, folders, signal),
    ...replaced,
    ...(taesd === undefined ? {} : { taesd: await openTaesd(taesd, signal) }),
  };
}

async function openGiven(
  options: readonly EmbeddingOption[],
  checkpoint: Checkpoint,
  folders: ModelFolders,
  signal: AbortSignal,
): Promise<readonly RunEmbedding[]> {
  const files: EmbeddingFile[] = [];
  for (const { file, name } of options) {
    files.push({ path: await findFile(folders, "embedding", file, signal), ...(name !== undefined && { name }) });
  }
  const opened = [...(await openEmbeddings(files, checkpoint, signal))];
  return Promise.all(
    opened.map(async ([name, vectors], i) => {
      const source = await openFile(files[i]!.path);
      return { name, file: source.name.replace(/\.safetensors$/i, ""), vectors, source };
    }),
  );
}

/** @throws FewstepError `lora-twice`, `adapter-block-unknown`, and the codes of findFile and openLora */
export async function openLoras(
  options: readonly LoraOption[],
  checkpoint: Checkpoint,
  folders: ModelFolders,
  signal: AbortSignal,
): Promise<readonly RunLora[]> {
  const loras: RunLora[] = [];
  for (const { file, blocks, ...strengths } of options) {
    const opened = await openLora(await findFile(folders, "lora", file, signal), checkpoint, signal);
    loras.push({ opened, ...strengths, ...(blocks && { blocks: adapterBlocks(opened.fit, blocks) }) });
  }
  checkTwice(loras);
  return loras;
}

/** LoRAs of `<lora:name:0.8>` tags: names in the user's folders, never paths. */
export async function openTagged(
  prompt: string,
  checkpoint: Checkpoint,
  folders: ModelFolders,
  signal: AbortSignal,
): Promise<readonly RunLora[]> {
  const loras: RunLora[] = [];
  for (const { name, kind, strengths } of extractNetworks(prompt).networks) {
    if (strengths === undefined) throw unknownTag(kind);
    const path = await findModel(folders, "lora", name, signal);
    const opened = await openLora(path, checkpoint, signal);
    loras.push({
      opened,
      strengthUnet: checkStrength(strengths.unet),
      strengthText: checkStrength(strengths.textEncoder),
    });
  }
  return loras;
}

/** Two strengths for one file would add up behind the user's back. @throws FewstepError `lora-twice` */
export function checkTwice(loras: readonly RunLora[]): void {
  const paths = loras.map(({ opened }) => opened.source.path);
  const twice = loras.find(({ opened }, i) => paths.indexOf(opened.source.path) !== i);
  if (twice === undefined) return;
  throw new FewstepError({
    code: "lora-twice",
    message: "a LoRA is given twice",
    found: twice.opened.source.name,
    hint: "give it once, with the strength wanted",
  });
}

/** The LoRAs as a pipeline takes them. */
export function adaptersOf(loras: readonly RunLora[]): readonly ActiveAdapter[] {
  return loras.map(({ opened, strengthUnet = 1, strengthText = strengthUnet, strengthSteps, blocks }, index) => ({
    id: `lora${index}`,
    fit: opened.fit,
    strengthUnet,
    strengthText,
    ...(strengthSteps && { strengthSteps }),
    ...(blocks && { blocks }),
  }));
}

/** What a user should hear of the files, a line each. */
export function fileNotes({ checkpoint, loras }: Pick<RunFiles, "checkpoint" | "loras">): readonly string[] {
  const { unclaimed, prediction, family } = checkpoint;
  const names = unclaimed.slice(0, 5).join(", ");
  return [
    ...(unclaimed.length === 0 ? [] : [`${checkpoint.name}: ${unclaimed.length} tensors that no part takes: ${names}`]),
    ...(prediction.evidence === "family default" && family.prediction !== "epsilon"
      ? [
          `${checkpoint.name}: the file does not say its prediction; ${prediction.type} is taken (--prediction changes it)`,
        ]
      : []),
    ...loras.flatMap(({ opened }) => [
      ...opened.fit.adapter.notes.map((note) => `${opened.fit.adapter.name}: ${note}`),
      ...fitNotes(opened.fit),
    ]),
  ];
}

function unknownTag(kind: string): FewstepError {
  return new FewstepError({
    code: "network-kind-unknown",
    message: "a tag of the prompt names something that cannot be loaded",
    found: `<${kind.slice(0, 40)}:...>`,
    expected: "<lora:name:0.8>",
  });
}
