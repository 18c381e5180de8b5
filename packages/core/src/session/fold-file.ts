// Folded weights in a private temporary file: only this user can read it, its name cannot be guessed or be there already, and it lives
// until `discard` (a runtime that has mapped it keeps its bytes). Node only.
import { type FileHandle, mkdtemp, open, realpath, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { FewstepError, interrupted } from "../errors.js";
import { openFile } from "../files/open-file.js";
import type { FoldSink } from "../graph/passes/fold-sink.js";

export interface FoldFileOptions {
  /** Where to make it; needs as many bytes free as the folded weights have (SD1.5: up to 3.4 GB). Default: the system's temporary folder. */
  readonly folder?: string;
}

const NAME = "folded.f32";

/** A sink over a new file. `write` throws `disk-full` or `file-unwritable` (both kind `failed`), or `interrupted`. */
export function foldFile({ folder = tmpdir() }: FoldFileOptions = {}): FoldSink {
  let made: { readonly directory: string; readonly file: FileHandle } | undefined;
  let written = 0;

  async function make(): Promise<{ readonly directory: string; readonly file: FileHandle }> {
    const directory = await realpath(await mkdtemp(join(folder, "fewstep-")));
    // wx: fails rather than follow a link or write into what is there
    return { directory, file: await open(join(directory, NAME), "wx", 0o600) };
  }

  const attempt = <T>(work: Promise<T>): Promise<T> =>
    work.catch((cause: NodeJS.ErrnoException) => {
      throw unwritable(cause, folder, written);
    });

  return {
    async write(bytes, signal) {
      if (signal?.aborted) throw interrupted();
      made ??= await attempt(make());
      await attempt(made.file.writeFile(bytes));
      written += bytes.byteLength;
    },
    async finish() {
      made ??= await attempt(make());
      await attempt(made.file.close());
      return openFile(join(made.directory, NAME));
    },
    async discard() {
      if (made === undefined) return;
      const { directory, file } = made;
      made = undefined;
      // already closed if it was finished
      await file.close().catch(() => {});
      await rm(directory, { recursive: true, force: true });
    },
  };
}

function unwritable(cause: NodeJS.ErrnoException, folder: string, written: number): FewstepError {
  const full = cause.code === "ENOSPC" || cause.code === "EDQUOT";
  return new FewstepError({
    code: full ? "disk-full" : "file-unwritable",
    kind: "failed",
    message: full ? "the disk is full" : "cannot write a temporary file",
    found: `${folder}: ${cause.message} after ${written} bytes of folded weights`,
    hint: full ? "free space there, or use the adapter without folding" : "name a folder that may be written to",
    cause,
  });
}
