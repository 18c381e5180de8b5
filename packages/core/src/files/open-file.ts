// A file on disk as a FileSource. Node only.
import { openAsBlob } from "node:fs";
import { realpath, stat } from "node:fs/promises";
import { basename } from "node:path";
import { FewstepError } from "../errors.js";
import type { FileSource } from "./source.js";

/** Opens a file for reading by slices; nothing is read yet. Links are followed to the file itself, as mapping wants it. */
export async function openFile(path: string): Promise<FileSource> {
  const real = await realpath(path).catch((cause: NodeJS.ErrnoException) => {
    throw new FewstepError({
      code: "file-not-found",
      message: "cannot open a file",
      found: `${path}: ${cause.code === "ENOENT" ? "there is no such file" : cause.message}`,
      hint: "check the path",
      cause,
    });
  });
  if (!(await stat(real)).isFile()) {
    throw new FewstepError({
      code: "not-a-file",
      message: "cannot open a file",
      found: `${path} is not a file`,
      hint: "name a file, not a folder",
    });
  }
  return { name: basename(path), path: real, blob: await openAsBlob(real) };
}
