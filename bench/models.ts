// The full-size models that benches run on: generated from the golden specs into the cache (names, shapes and sizes of real checkpoints).
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, realpathSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../", import.meta.url));
const cache = join(root, ".cache", "golden-models");

/** The folder with the golden set: beside the project. */
export const golden = join(root, "..", "shared", "golden");

/** Path of the model of a spec, made first if the cache lacks it. */
export function model(spec: string): string {
  mkdirSync(cache, { recursive: true });
  const known = readdirSync(cache).find(
    (name) =>
      name.startsWith(`${spec}-`) &&
      /-[0-9a-f]{12}\.safetensors$/.test(name) &&
      name.length === spec.length + 1 + 12 + 12,
  );
  if (known !== undefined) return join(cache, known);
  const path = join(cache, `${spec}.safetensors`);
  if (!existsSync(path))
    execFileSync(process.execPath, [
      realpathSync(join(golden, "make.mjs")),
      join(golden, "specs", `${spec}.json`),
      path,
    ]);
  return path;
}
