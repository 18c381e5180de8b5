// Makes a small checkpoint or LoRA of test/golden/data/specs, once, into the repository's cache, and answers its path.
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, renameSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const data = fileURLToPath(new URL("../test/golden/data/", import.meta.url));
const cache = fileURLToPath(new URL("../.cache/golden-models/", import.meta.url));

export function testCheckpoint(spec) {
  const { sha256 } = JSON.parse(readFileSync(join(data, "specs", "index.json"), "utf8")).files[spec];
  const described = join(data, "specs", `${spec}.json`);
  // said even if the model was made before its spec went, so that no clone is the first to notice
  if (!existsSync(described)) throw new Error(`${described} is missing: scripts/make-golden-data.mjs keeps it`);
  const path = join(cache, `${spec}-${sha256.slice(0, 12)}.safetensors`);
  if (existsSync(path)) return path;
  mkdirSync(cache, { recursive: true });
  const temporary = `${path}.${process.pid}.part`;
  execFileSync(process.execPath, [join(data, "make.mjs"), described, temporary, sha256]);
  renameSync(temporary, path);
  return path;
}
