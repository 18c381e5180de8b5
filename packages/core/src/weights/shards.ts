// Weights split over several safetensors files with an index (`*.safetensors.index.json`, as transformers and diffusers write it).
// The index and the files must agree name for name; the index cannot point out of its folder.
import { FewstepError } from "../errors.js";
import { checkPath, type Folder, openListed } from "../files/folder.js";
import type { JsonObject } from "../files/json-scanner.js";
import { isJsonObject, readJsonObject } from "../files/read-json.js";
import { showName } from "../files/show-name.js";
import { openSafetensors } from "./safetensors.js";
import { type LazyTensor, type Weights, weightsOf } from "./weights.js";

/** The largest model published has a few hundred shards; refuses an index that opens a file for each of 10^6 names. */
export const MAX_SHARDS = 1_024;

export interface Shards {
  readonly weights: Weights;
  /** Paths of the files, as opened. */
  readonly paths: readonly string[];
}

/** Opens the index at `path` and all its files. Throws `bad-index`, `unsafe-path`, `file-missing`, `index-mismatch` and openSafetensors' codes. */
export async function openShards(folder: Folder, path: string, signal?: AbortSignal): Promise<Shards> {
  const index = readIndex(path, await readJsonObject(await openListed(folder, path, signal), signal));
  const directory = path.slice(0, path.lastIndexOf("/") + 1);
  const files = [...new Set(index.values())];
  if (files.length > MAX_SHARDS) throw badIndex(path, `${files.length} files`, `at most ${MAX_SHARDS}`);
  const found = new Map<string, LazyTensor>();
  const unlisted: string[] = [];
  for (const file of files) {
    const { weights } = await openSafetensors(await openListed(folder, directory + file, signal), signal);
    for (const name of weights.names) {
      if (index.get(name) === file) found.set(name, weights.get(name) as LazyTensor);
      else unlisted.push(name);
    }
  }
  const missing = [...index.keys()].filter((name) => !found.has(name));
  if (missing.length + unlisted.length > 0) throw mismatch(path, missing, unlisted);
  return { weights: weightsOf(found), paths: files.map((file) => directory + file) };
}

/** Tensor name -> file name beside the index. */
function readIndex(path: string, index: JsonObject): ReadonlyMap<string, string> {
  const map = index.weight_map;
  if (!isJsonObject(map)) throw badIndex(path, "no weight_map", '"weight_map": {"tensor name": "file name"}');
  return new Map(
    Object.entries(map).map(([name, file]) => {
      if (typeof file !== "string") throw badIndex(path, `no file name for ${showName(name)}`, "a file name");
      if (!checkPath(file).endsWith(".safetensors") || file.includes("/")) {
        throw badIndex(path, showName(file), "the name of a .safetensors file beside the index");
      }
      return [name, file];
    }),
  );
}

function badIndex(path: string, found: string, expected: string): FewstepError {
  return new FewstepError({ code: "bad-index", message: `${path} is not a usable index`, found, expected });
}

function mismatch(path: string, missing: readonly string[], unlisted: readonly string[]): FewstepError {
  const list = (names: readonly string[]) => `${names.length} (${names.slice(0, 5).map(showName).join(", ")})`;
  return new FewstepError({
    code: "index-mismatch",
    message: `${path} and its files disagree`,
    found: [
      missing.length > 0 ? `tensors of the index that its files lack: ${list(missing)}` : "",
      unlisted.length > 0 ? `tensors in its files that it does not list there: ${list(unlisted)}` : "",
    ]
      .filter((line) => line !== "")
      .join("; "),
    hint: "files of two versions may be mixed: download the folder again",
  });
}
