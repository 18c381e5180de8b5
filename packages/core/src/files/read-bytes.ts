// Reads a stretch of a file. A file that shrank, moved or became unreadable since it was opened is an error of its own.
import { FewstepError, interrupted } from "../errors.js";
import type { FileSource } from "./source.js";

/** The `length` bytes from `offset` on. Throws `file-changed`, `file-unreadable` (kind `failed`) or `interrupted`. */
export async function readBytes(
  file: FileSource,
  offset: number,
  length: number,
  signal?: AbortSignal,
): Promise<Uint8Array> {
  if (signal?.aborted) throw interrupted();
  const bytes = new Uint8Array(await read(file, offset, length));
  if (signal?.aborted) throw interrupted();
  if (bytes.length === length) return bytes;
  throw new FewstepError({
    code: "file-changed",
    kind: "failed",
    message: `${file.name} became shorter while it was read`,
    found: `${bytes.length} bytes at ${offset}`,
    expected: `${length} bytes`,
    hint: "wait until its download or copy is complete, then open it again",
  });
}

async function read(file: FileSource, offset: number, length: number): Promise<ArrayBuffer> {
  try {
    return await file.blob.slice(offset, offset + length).arrayBuffer();
  } catch (cause) {
    throw new FewstepError({
      code: "file-unreadable",
      kind: "failed",
      message: `${file.name} cannot be read`,
      found: cause instanceof Error ? cause.message : String(cause),
      hint: "check that the file still exists, has not changed since it was opened, and may be read",
      cause,
    });
  }
}
