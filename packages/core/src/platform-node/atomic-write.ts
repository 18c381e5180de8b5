// Writes a file all or nothing: to a temporary name in the same folder, then in one step to its own. A reader never sees half of it, and
// an existing file is replaced only when that is asked for, even if it appears meanwhile.
import { randomUUID } from "node:crypto";
import { link, lstat, open, rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { FewstepError, interrupted } from "../errors.js";
import { showName } from "../files/show-name.js";

export interface AtomicWriteOptions {
  /** Replace a file that is there. Default false. */
  readonly replace?: boolean;
  readonly signal?: AbortSignal;
}

/** Bytes, or chunks as they are made. @throws FewstepError `output-exists`; of kind `failed`: `disk-full`, `output-unwritable`; `interrupted` */
export async function writeFileAtomically(
  path: string,
  bytes: Uint8Array | AsyncIterable<Uint8Array>,
  { replace = false, signal }: AtomicWriteOptions = {},
): Promise<void> {
  const temporary = join(dirname(path), `.${basename(path).slice(0, 100)}.${randomUUID()}.tmp`);
  try {
    const file = await open(temporary, "wx");
    try {
      // each call goes on where the one before it ended
      for await (const chunk of bytes instanceof Uint8Array ? [bytes] : bytes) {
        await file.writeFile(chunk, signal ? { signal } : {});
      }
      await file.sync();
    } finally {
      await file.close();
    }
    if (signal?.aborted) throw interrupted();
    if (replace) await rename(temporary, path);
    else await moveWithoutReplacing(temporary, path);
  } catch (error) {
    throw explained(error as NodeJS.ErrnoException, path);
  } finally {
    await rm(temporary, { force: true });
  }
}

/** A hard link fails where the name is taken; file systems without links are asked first. */
async function moveWithoutReplacing(from: string, to: string): Promise<void> {
  try {
    await link(from, to);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "EEXIST") throw outputExists(to);
    if (code !== "EPERM" && code !== "ENOTSUP" && code !== "EOPNOTSUPP" && code !== "ENOSYS") throw error;
    if (await exists(to)) throw outputExists(to);
    await rename(from, to);
  }
}

/** Whether a name is taken, by a broken link too. */
export async function exists(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    (error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT") return false;
      throw error;
    },
  );
}

export function outputExists(path: string): FewstepError {
  return new FewstepError({
    code: "output-exists",
    message: "the output is there already, and was left as it is",
    found: showName(path),
    hint: "name another file with --out, or replace it with --force",
  });
}

function explained(error: NodeJS.ErrnoException, path: string): Error {
  if (error instanceof FewstepError) return error;
  if (error.name === "AbortError") return interrupted();
  // of what makes the bytes, not of the disk
  if (error.code === undefined) return error;
  const full = error.code === "ENOSPC" || error.code === "EDQUOT";
  return new FewstepError({
    code: full ? "disk-full" : "output-unwritable",
    kind: "failed",
    message: full ? "the disk is full" : "cannot write the output",
    found: `${showName(path)}: ${error.code ?? error.message}`,
    hint: full ? "free space, or write to another disk" : "write to a folder that exists and may be written to",
    cause: error,
  });
}
