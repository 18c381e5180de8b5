// Makes a small checkpoint or LoRA of test/golden/data/specs into the repository's cache, where the tests keep theirs, and answers its path.
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, renameSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const data = fileURLToPath(new URL("../test/golden/data/", import.meta.url));
const cache = fileURLToPath(new URL("../.cache/golden-models/", import.meta.url));

export function testCheckpoint(spec) {
  const { sha256 } = JSON.parse(readFileSync(join(data, "specs", "index.json"), "utf8")).files[spec];
  const path = join(cache, `${spec}-${sha256.slice(0, 12)}.safetensors`);
  if (existsSync(path)) return path;
  mkdirSync(cache, { recursive: true });
  const temporary = `${path}.${process.pid}.part`;
  execFileSync(process.execPath, [join(data, "make.mjs"), join(data, "specs", `${spec}.json`), temporary, sha256]);
  renameSync(temporary, path);
  return path;
}
