// A file on disk as a FileSource. Node only.
import { open, realpath, stat } from "node:fs/promises";
import { basename } from "node:path";
import { FewstepError } from "../errors.js";
import type { ByteRange, FileSource } from "./source.js";

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
  const stats = await stat(real);
  if (!stats.isFile()) {
    throw new FewstepError({
      code: "not-a-file",
      message: "cannot open a file",
      found: `${path} is not a file`,
      hint: "name a file, not a folder",
    });
  }
  return { name: basename(path), path: real, blob: rangeOf(real, stats.size) };
}

/** Node's read takes a signed 32-bit length, and ends the process at more. */
const LARGEST_READ = 2 ** 30;

/** Slices of a file, opened for each: nothing stays open between reads. */
function rangeOf(path: string, size: number): ByteRange {
  return {
    size,
    slice: (start, end) => ({
      async arrayBuffer() {
        const bytes = new Uint8Array(Math.max(0, Math.min(end, size) - start));
        const handle = await open(path, "r");
        try {
          let filled = 0;
          while (filled < bytes.length) {
            const length = Math.min(LARGEST_READ, bytes.length - filled);
            const { bytesRead } = await handle.read(bytes, filled, length, start + filled);
            if (bytesRead === 0) return bytes.buffer.slice(0, filled);
            filled += bytesRead;
          }
          return bytes.buffer;
        } finally {
          await handle.close();
        }
      },
    }),
  };
}
