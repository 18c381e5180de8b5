// A training run's folder: state.safetensors, written under a temporary name, flushed and renamed, and log.jsonl. A crash leaves the old
// state or the new one, never half of one; lines of the log from after the last saved state are written again when it is resumed.
import { appendFile, open, readFile, rename, rm, stat, truncate } from "node:fs/promises";
import { join } from "node:path";
import { FewstepError } from "@fewstep/core";
import { makeFolder, openFile } from "@fewstep/core/node";
import { type Checkpoint, checkpointBytes, readCheckpoint } from "../trainer/checkpoint.js";
import type { LogLine, TrainStore } from "../trainer/store.js";

export const STATE_FILE = "state.safetensors";
export const LOG_FILE = "log.jsonl";

export function folderStore(folder: string): TrainStore {
  const state = join(folder, STATE_FILE);
  let isMended = false;
  return {
    async load(signal?: AbortSignal): Promise<Checkpoint | undefined> {
      const exists = await stat(state).then(
        () => true,
        (error: NodeJS.ErrnoException) => {
          if (error.code === "ENOENT") return false;
          throw error;
        },
      );
      return exists ? readCheckpoint(await openFile(state), signal) : undefined;
    },
    async save(checkpoint: Checkpoint, signal?: AbortSignal): Promise<void> {
      await makeFolder(folder);
      await writeWhole(state, checkpointBytes(checkpoint, signal));
    },
    async append(lines: readonly LogLine[]): Promise<void> {
      await makeFolder(folder);
      const path = join(folder, LOG_FILE);
      if (!isMended) await cutTornLine(path);
      isMended = true;
      const text = lines.map((line) => `${JSON.stringify(line)}\n`).join("");
      await appendFile(path, text).catch((error) => {
        throw explained(error, path);
      });
    },
  };
}

/** A run that was killed while it wrote leaves half a line, which the next would be glued to. */
async function cutTornLine(path: string): Promise<void> {
  const text = await readFile(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return undefined;
    throw error;
  });
  const whole = text === undefined ? 0 : text.lastIndexOf("\n") + 1;
  if (text !== undefined && whole < text.length) await truncate(path, whole);
}

/** Writes all chunks to a temporary file beside `path`, flushes it to the disk and renames it. */
export async function writeWhole(
  path: string,
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
): Promise<void> {
  const temporary = `${path}.${process.pid}.part`;
  const file = await open(temporary, "w");
  try {
    for await (const chunk of chunks) await file.writeFile(chunk);
    await file.sync();
    await file.close();
    await rename(temporary, path);
  } catch (error) {
    await file.close().catch(() => {});
    await rm(temporary, { force: true });
    throw explained(error as NodeJS.ErrnoException, path);
  }
}

/** What the system calls a full disk, a full quota and a file that grew too large. */
const FULL = new Set(["ENOSPC", "EDQUOT", "EFBIG"]);

function explained(error: NodeJS.ErrnoException, path: string): Error {
  if (error.code === undefined || !FULL.has(error.code)) return error;
  return new FewstepError({
    code: "disk-full",
    kind: "failed",
    message: "the disk is full: the file that was there before is intact",
    found: `${path}: ${error.code}`,
    hint: "free space, then start the same command again: it goes on from the last saved state",
    cause: error,
  });
}
