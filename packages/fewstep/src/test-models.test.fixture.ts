// The small checkpoints that tests of the command run on, made once from their specs into the repository's cache.
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, renameSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export const REPOSITORY = fileURLToPath(new URL("../../../", import.meta.url));
const DATA = join(REPOSITORY, "test", "golden", "data");
const CACHE = join(REPOSITORY, ".cache", "golden-models");

interface SpecIndex {
  readonly files: Readonly<Record<string, { readonly sha256: string }>>;
}

/** The path of a model of test/golden/data/specs. */
export function testModel(spec: string): string {
  const index = JSON.parse(readFileSync(join(DATA, "specs", "index.json"), "utf8")) as SpecIndex;
  const { sha256 } = index.files[spec]!;
  const path = join(CACHE, `${spec}-${sha256.slice(0, 12)}.safetensors`);
  if (existsSync(path)) return path;
  mkdirSync(CACHE, { recursive: true });
  const temporary = `${path}.${process.pid}.part`;
  execFileSync(process.execPath, [join(DATA, "make.mjs"), join(DATA, "specs", `${spec}.json`), temporary, sha256]);
  renameSync(temporary, path);
  return path;
}
