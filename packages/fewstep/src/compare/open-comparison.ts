// The files of a comparison: found, recognised, hashed and fitted, each once, before anything is computed.
import { basename } from "node:path";
import type { ComparedLora } from "@fewstep/core";
import {
  type ActiveAdapter,
  acceleratorFileFacts,
  type CellRun,
  type Checkpoint,
  contentHash,
  FewstepError,
  type GridLora,
  type GridModel,
  isInpainting,
  parseAdapter,
  recogniseFile,
  requireKind,
} from "@fewstep/core";
import { FileHasher, givenFile, type ModelFolders, openFile, openLora, openModel, planFacts } from "@fewstep/core/node";
import { findFile } from "../run/find-file.js";

export interface OpenedModel {
  readonly grid: GridModel;
  readonly checkpoint: Checkpoint;
  readonly path: string;
}

export interface OpenedFile {
  readonly grid: GridLora;
  readonly path: string;
}

export interface ComparisonFiles {
  readonly models: readonly OpenedModel[];
  readonly loras: readonly OpenedFile[];
}

/** @throws FewstepError the codes of findFile, openModel and recogniseFile; `model-twice`, `inpainting-needs-a-picture` */
export async function openComparison(
  models: readonly string[],
  loras: readonly ComparedLora[],
  folders: ModelFolders,
  signal: AbortSignal,
): Promise<ComparisonFiles> {
  const hasher = new FileHasher();
  try {
    const openedModels: OpenedModel[] = [];
    for (const written of models) openedModels.push(await openOne(written, folders, hasher, signal));
    const openedLoras: OpenedFile[] = [];
    for (const lora of loras) openedLoras.push(await openAdapter(lora, folders, hasher, signal));
    checkTwice([...openedModels, ...openedLoras].map(({ grid }) => grid));
    return { models: openedModels, loras: openedLoras };
  } finally {
    hasher.dispose();
  }
}

async function openOne(
  written: string,
  folders: ModelFolders,
  hasher: FileHasher,
  signal: AbortSignal,
): Promise<OpenedModel> {
  const path = await findFile(folders, "checkpoint", written, signal);
  const checkpoint = await openModel(path, { signal });
  if (isInpainting(checkpoint)) {
    throw new FewstepError({
      code: "inpainting-needs-a-picture",
      message: `${checkpoint.name} is an inpainting checkpoint`,
      hint: "compare on a checkpoint that makes pictures from text alone",
    });
  }
  const hashes: string[] = [];
  for (const source of checkpoint.files) hashes.push(await hasher.hash(source, "file", signal));
  const [only] = checkpoint.files;
  const given =
    checkpoint.files.length === 1 && only !== undefined
      ? givenFile(only, await recogniseFile(only, signal))
      : undefined;
  const grid: GridModel = {
    name: stem(checkpoint.name),
    hash: hashes.length === 1 ? hashes[0]! : contentHash(hashes),
    facts: planFacts(checkpoint),
    ...(given === undefined ? {} : { given }),
  };
  return { grid, checkpoint, path };
}

async function openAdapter(
  { file, is, strength }: ComparedLora,
  folders: ModelFolders,
  hasher: FileHasher,
  signal: AbortSignal,
): Promise<OpenedFile> {
  const path = await findFile(folders, "lora", file, signal);
  const source = await openFile(path);
  const recognised = await recogniseFile(source, signal);
  requireKind(source, recognised, ["adapter"]);
  const adapter = await parseAdapter(source.name, recognised.file!, signal);
  const given = givenFile(source, recognised, adapter);
  const facts = acceleratorFileFacts(source, recognised, adapter)?.lora;
  return {
    path,
    grid: {
      name: stem(source.name),
      hash: await hasher.hash(source, "tensors", signal),
      ...(given === undefined ? {} : { given }),
      ...(is === undefined ? {} : { is }),
      ...(strength === undefined ? {} : { strength }),
      ...(recognised.family === undefined ? {} : { family: recognised.family }),
      ...(facts === undefined ? {} : { facts }),
    },
  };
}

/** The adapters of a run, fitted to its model; a fit is kept for the next run. */
export class AdapterFits {
  private readonly known = new Map<string, Promise<ActiveAdapter["fit"]>>();

  constructor(private readonly files: ComparisonFiles) {}

  async of(
    { adapters }: CellRun,
    { checkpoint, grid }: OpenedModel,
    signal: AbortSignal,
  ): Promise<readonly ActiveAdapter[]> {
    const active: ActiveAdapter[] = [];
    for (const { hash, strength } of adapters) {
      const { path } = this.files.loras.find((lora) => lora.grid.hash === hash)!;
      const key = `${grid.hash} ${hash}`;
      const fit = this.known.get(key) ?? openLora(path, checkpoint, signal).then((opened) => opened.fit);
      this.known.set(key, fit);
      // the same name at every strength: it is part of the graph that cells share
      active.push({ id: `lora-${hash.slice(0, 12)}`, fit: await fit, strengthUnet: strength, strengthText: strength });
    }
    return active;
  }
}

function checkTwice(files: readonly { readonly name: string; readonly hash: string }[]): void {
  const twice = files.find(({ hash }, i) => files.findIndex((one) => one.hash === hash) !== i);
  if (twice === undefined) return;
  throw new FewstepError({
    code: "file-twice",
    message: "two files of the comparison are the same",
    found: twice.name,
    hint: "give it once; strengths are an axis of their own",
  });
}

const stem = (name: string) => basename(name).replace(/\.safetensors$/i, "");
