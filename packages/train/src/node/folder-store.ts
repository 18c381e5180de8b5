// A training run's folder: state.safetensors, written under a temporary name, flushed and renamed, and log.jsonl. A crash leaves the old
// state or the new one, never half of one. Loading it clears up after a run that was killed: the log is cut where the state ends, since what
// came later will be done again, and halves of states go. One run a folder: who loads sees to that.
import { appendFile, open, readdir, readFile, rename, rm, truncate } from "node:fs/promises";
import { join } from "node:path";
import { FewstepError } from "@fewstep/core";
import { exists, makeFolder, openFile } from "@fewstep/core/node";
import { type Checkpoint, checkpointBytes, readCheckpoint } from "../trainer/checkpoint.js";
import type { LogLine, TrainStore } from "../trainer/store.js";

export const STATE_FILE = "state.safetensors";
export const LOG_FILE = "log.jsonl";
/** How names end of files that are not whole yet. */
const PART = ".part";

export function folderStore(folder: string): TrainStore {
  const state = join(folder, STATE_FILE);
  const log = join(folder, LOG_FILE);
  return {
    async load(signal?: AbortSignal): Promise<Checkpoint | undefined> {
      const checkpoint = (await exists(state)) ? await readCheckpoint(await openFile(state), signal) : undefined;
      await cutLog(log, checkpoint?.iteration ?? 0);
      await removeHalves(folder);
      return checkpoint;
    },
    async save(checkpoint: Checkpoint, signal?: AbortSignal): Promise<void> {
      await makeFolder(folder);
      await writeWhole(state, checkpointBytes(checkpoint, signal));
    },
    async append(lines: readonly LogLine[]): Promise<void> {
      await makeFolder(folder);
      const text = lines.map((line) => `${JSON.stringify(line)}\n`).join("");
      await appendFile(log, text).catch((error) => {
        throw explained(error, log);
      });
    },
  };
}

/** Keeps the lines up to `iteration`; a run that was killed while it wrote leaves half a line, which goes too. */
async function cutLog(path: string, iteration: number): Promise<void> {
  if (!(await exists(path))) return;
  const text = await readFile(path, "utf8");
  const lines = text.split(/(?<=\n)/);
  const end = lines.findIndex((line) => !isUpTo(line, iteration));
  if (end >= 0) await truncate(path, Buffer.byteLength(lines.slice(0, end).join("")));
}

function isUpTo(line: string, iteration: number): boolean {
  try {
    return line.endsWith("\n") && (JSON.parse(line) as LogLine).iteration <= iteration;
  } catch {
    return false;
  }
}

async function removeHalves(folder: string): Promise<void> {
  if (!(await exists(folder))) return;
  for (const name of await readdir(folder)) {
    if (name.startsWith(STATE_FILE) && name.endsWith(PART)) await rm(join(folder, name), { force: true });
  }
}

/** Writes all chunks to a temporary file beside `path`, flushes it to the disk and renames it. */
export async function writeWhole(
  path: string,
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
): Promise<void> {
  const temporary = `${path}.${process.pid}${PART}`;
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
