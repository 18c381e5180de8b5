// A folder on disk as a Folder. Links are followed only to files inside it, or, for a snapshot in a Hugging Face cache, to that
// repository's blobs: a folder from a stranger must not make fewstep read other files of its user.
import { readdir, realpath, stat } from "node:fs/promises";
import { basename, join, sep } from "node:path";
import { FewstepError, interrupted } from "../errors.js";
import { checkPath, type Folder } from "../files/folder.js";
import { openFile } from "../files/open-file.js";
import { showName } from "../files/show-name.js";
import type { FileSource } from "../files/source.js";

/** The largest diffusers repositories hold about 100 files, 3 levels deep; refuses a whole disk given by mistake. */
const MAX_FILES = 10_000;
const MAX_DEPTH = 6;

/** @throws FewstepError `folder-not-found`, and on use `folder-too-large`, `unsafe-path`, `file-not-found` */
export async function openFolder(path: string): Promise<Folder> {
  const root = await realFolder(path);
  const roots = [root, ...hubBlobs(root)];
  let files: readonly string[] | undefined;
  return {
    name: basename(root),
    async list(signal) {
      files ??= await listFiles(root, roots, signal);
      return files;
    },
    async open(inner, signal): Promise<FileSource> {
      if (signal?.aborted) throw interrupted();
      const source = await openFile(join(root, ...checkPath(inner).split("/")));
      if (isInside(source.path!, roots)) return source;
      throw new FewstepError({
        code: "unsafe-path",
        message: "a link in a model folder leads out of it",
        found: showName(inner),
        expected: "files inside the folder",
        hint: "copy the file into the folder, if you trust where it comes from",
      });
    },
  };
}

async function realFolder(path: string): Promise<string> {
  const real = await realpath(path).catch(() => undefined);
  if (real !== undefined && (await stat(real)).isDirectory()) return real;
  throw new FewstepError({
    code: "folder-not-found",
    message: "cannot open a folder",
    found: `${showName(path)} ${real === undefined ? "does not exist" : "is no folder"}`,
    hint: "check the path",
  });
}

/** models--owner--name/snapshots/REVISION links into models--owner--name/blobs. */
function hubBlobs(root: string): readonly string[] {
  const parts = root.split(sep);
  return parts.at(-2) === "snapshots" && parts.at(-3)?.startsWith("models--")
    ? [[...parts.slice(0, -2), "blobs"].join(sep)]
    : [];
}

function isInside(path: string, roots: readonly string[]): boolean {
  return roots.some((root) => path.startsWith(root.endsWith(sep) ? root : root + sep));
}

async function listFiles(root: string, roots: readonly string[], signal?: AbortSignal): Promise<readonly string[]> {
  const found: string[] = [];
  const walk = async (inner: string, depth: number): Promise<void> => {
    if (signal?.aborted) throw interrupted();
    for (const entry of await readdir(join(root, inner), { withFileTypes: true })) {
      const path = inner === "" ? entry.name : `${inner}/${entry.name}`;
      if (entry.isDirectory() && depth < MAX_DEPTH && !entry.name.startsWith(".")) await walk(path, depth + 1);
      else if (entry.isFile() || (entry.isSymbolicLink() && (await linksToFile(join(root, path), roots))))
        found.push(path);
      if (found.length > MAX_FILES) throw tooLarge(root);
    }
  };
  await walk("", 1);
  return found.sort();
}

async function linksToFile(path: string, roots: readonly string[]): Promise<boolean> {
  const real = await realpath(path).catch(() => undefined);
  return real !== undefined && isInside(real, roots) && (await stat(real)).isFile();
}

function tooLarge(root: string): FewstepError {
  return new FewstepError({
    code: "folder-too-large",
    message: "the folder holds too many files for a model",
    found: `more than ${MAX_FILES} files in ${showName(root)}`,
    hint: "name the folder that holds model_index.json",
  });
}
