// A folder of model files, from a disk, a browser's folder picker or a hub. Paths are relative, with "/", and never lead out of it:
// checkPath refuses what could. Following symbolic links out of the folder is for the platform's implementation to refuse.
import { FewstepError } from "../errors.js";
import { showName } from "./show-name.js";
import type { FileSource } from "./source.js";

export interface Folder {
  /** What a user calls it. */
  readonly name: string;
  /** Paths of all files in it and its subfolders. */
  list(signal?: AbortSignal): Promise<readonly string[]>;
  /** The file at a path that `list` gave. */
  open(path: string, signal?: AbortSignal): Promise<FileSource>;
}

/** The longest path a folder may name (Linux' PATH_MAX); refuses names of megabytes. */
const MAX_PATH_LENGTH = 4_096;

/** Answers `path` when every part of it is a plain name; throws `unsafe-path` for one that is absolute, climbs or hides. */
export function checkPath(path: string): string {
  const plain = (part: string) => part !== "" && part !== "." && part !== ".." && !/[. ]$/.test(part);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what must not be in a path
  if (path.length <= MAX_PATH_LENGTH && !/[\\:\u0000-\u001f]/.test(path) && path.split("/").every(plain)) return path;
  throw new FewstepError({
    code: "unsafe-path",
    message: "a path inside a model folder leads out of it or is not plain",
    found: showName(path),
    expected: 'a relative path such as "unet/diffusion_pytorch_model.safetensors"',
    hint: "the folder was made wrongly or to do harm: get it again from its author",
  });
}

/** The file at `path`, which must be listed. Throws `unsafe-path` or `file-missing`. */
export async function openListed(folder: Folder, path: string, signal?: AbortSignal): Promise<FileSource> {
  const listed = (await folder.list(signal)).includes(checkPath(path));
  if (listed) return folder.open(path, signal);
  throw new FewstepError({
    code: "file-missing",
    message: `${folder.name} has no file ${showName(path)}`,
    hint: "download the folder again, with all its files",
  });
}
