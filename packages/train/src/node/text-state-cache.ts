// Text states of captions, made once and kept in a file named by what they were made of: the tower's bytes and the captions. They are read
// from the disk when an iteration asks for them, so memory does not grow with the captions. Kept as F16: half the space, and what
// diffusers' distillation scripts compute with.
import { createHash } from "node:crypto";
import { closeSync, openSync, readSync } from "node:fs";
import { stat } from "node:fs/promises";
import { join } from "node:path";
import {
  entriesOf,
  FewstepError,
  fromFloat32,
  layoutSafetensors,
  openSafetensors,
  tensorChunks,
  toFloat32,
  writeSafetensors,
} from "@fewstep/core";
import { makeFolder, openFile } from "@fewstep/core/node";
import { type TextTower, textStatesOf } from "../data/text-states.js";
import type { Tokenise } from "../data/token-rows.js";
import { type Conditioning, stateConditioning } from "../recipes/conditioning.js";
import { writeWhole } from "./folder-store.js";
import { ortRunner } from "./ort-runner.js";

export interface CachedTextStatesOptions {
  readonly tower: TextTower;
  /** The empty caption is added. */
  readonly captions: Iterable<string>;
  readonly tokenise: Tokenise;
  readonly folder: string;
  readonly threads?: number;
  readonly signal?: AbortSignal;
  readonly progress?: (done: number, of: number) => void;
}

const TENSOR = "states";
const BATCH = 4;
const BYTES = 2;

/** Conditioning by the captions' states. */
export async function cachedTextStates(options: CachedTextStatesOptions): Promise<Conditioning> {
  const { tower, tokenise, folder, threads, signal, progress } = options;
  const captions = [...new Set(["", ...options.captions])];
  const { positions, width } = tower.config;
  const path = join(folder, `text-${await contentKey(tower, captions, signal)}.safetensors`);
  const isThere = await stat(path).then(
    (stats) => stats.isFile(),
    () => false,
  );
  if (!isThere) {
    await makeFolder(folder);
    const runner = ortRunner({ weights: tower.weights, ...(threads === undefined ? {} : { threads }) });
    async function* chunks() {
      let done = 0;
      for await (const states of textStatesOf(tower, captions, tokenise, {
        runner,
        batch: BATCH,
        ...(signal && { signal }),
      })) {
        yield fromFloat32(states, "f16");
        progress?.(++done, captions.length);
      }
    }
    try {
      const tensor = { name: TENSOR, dtype: "f16" as const, shape: [captions.length, positions, width], chunks };
      await writeWhole(path, writeSafetensors(layoutSafetensors([tensor], {}), signal));
    } finally {
      await runner.dispose();
    }
  }
  const { weights } = await openSafetensors(await openFile(path), signal);
  const { offset } = weights.get(TENSOR)!;
  const rows = new Map(captions.map((caption, row) => [caption, row]));
  const bytes = BYTES * positions * width;
  return stateConditioning(positions, width, (caption) => {
    const row = rows.get(caption);
    if (row === undefined) throw new RangeError(`no states were made for the caption ${JSON.stringify(caption)}`);
    return toFloat32(readAt(path, offset + row * bytes, bytes), "f16");
  });
}

function readAt(path: string, offset: number, length: number): Uint8Array<ArrayBuffer> {
  const buffer = new Uint8Array(length);
  const file = openSync(path, "r");
  try {
    if (readSync(file, buffer, 0, length, offset) === length) return buffer;
  } finally {
    closeSync(file);
  }
  throw new FewstepError({
    code: "cache-cut-short",
    kind: "failed",
    message: "the cache of text states became shorter while it was in use",
    found: path,
    hint: "delete it, and start again",
  });
}

async function contentKey({ weights, skip, normed }: TextTower, captions: readonly string[], signal?: AbortSignal) {
  const hash = createHash("sha256").update(`1 ${skip} ${normed}\n`);
  for (const [name, tensor] of entriesOf(weights)) {
    hash.update(`${name} ${tensor.dtype} ${tensor.shape}\n`);
    for await (const chunk of tensorChunks(tensor, signal)) hash.update(chunk);
  }
  hash.update(JSON.stringify(captions));
  return hash.digest("hex").slice(0, 32);
}
