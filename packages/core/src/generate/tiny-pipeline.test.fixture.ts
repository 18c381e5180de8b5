// A pipeline on the smallest checkpoint of test/golden/data/specs, made once into the repository's cache.
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, renameSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Checkpoint, openCheckpoint } from "../families/checkpoint.js";
import { openFile } from "../files/open-file.js";
import type { GenerateEvent, Picture } from "./generate-event.js";
import type { Pipeline } from "./pipeline.js";

const REPOSITORY = fileURLToPath(new URL("../../../../", import.meta.url));
const DATA = join(REPOSITORY, "test", "golden", "data");
const CACHE = join(REPOSITORY, ".cache", "golden-models");

interface SpecIndex {
  readonly files: Readonly<Record<string, { readonly sha256: string }>>;
}

/** The path of the model that a file of test/golden/data/specs describes. */
export function tinyFile(spec: string): string {
  const described = join(DATA, "specs", `${spec}.json`);
  // said even if the model was made before its spec went, so that no clone is the first to notice
  if (!existsSync(described)) throw new Error(`${described} is missing: scripts/make-golden-data.mjs keeps it`);
  const index = JSON.parse(readFileSync(join(DATA, "specs", "index.json"), "utf8")) as SpecIndex;
  const { sha256 } = index.files[spec]!;
  const path = join(CACHE, `${spec}-${sha256.slice(0, 12)}.safetensors`);
  if (!existsSync(path)) {
    mkdirSync(CACHE, { recursive: true });
    const temporary = `${path}.${process.pid}.part`;
    execFileSync(process.execPath, [join(DATA, "make.mjs"), described, temporary, sha256]);
    renameSync(temporary, path);
  }
  return path;
}

export async function tinyCheckpoint(spec = "sd15-tiny"): Promise<Checkpoint> {
  return openCheckpoint(await openFile(tinyFile(spec)));
}

export interface Made {
  readonly pictures: readonly Picture[];
  readonly steps: readonly Extract<GenerateEvent, { kind: "step" }>[];
}

/** Everything that a run makes. */
export async function made(run: ReturnType<Pipeline["generate"]>): Promise<Made> {
  const pictures: Picture[] = [];
  const steps: Extract<GenerateEvent, { kind: "step" }>[] = [];
  for await (const event of run) {
    if (event.kind === "picture") pictures.push(event.result);
    if (event.kind === "step") steps.push(event);
  }
  return { pictures, steps };
}

export function largestDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length) return Number.NaN;
  let largest = 0;
  for (let i = 0; i < a.length; i++) largest = Math.max(largest, Math.abs(a[i]! - b[i]!));
  return largest;
}
