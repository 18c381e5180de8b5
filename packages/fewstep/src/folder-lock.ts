// One run a folder: a lock file with the process that holds it. A lock whose process is gone is taken over. What lies in such folders is
// written in one step, so even two holders (after a clock or a network file system lied) could not leave half of a file.
import { randomUUID } from "node:crypto";
import { link, readFile, rename, rm, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { FewstepError } from "@fewstep/core";

export interface FolderLock {
  /** @throws FewstepError `store-lost` where somebody else holds the folder now */
  check(): Promise<void>;
  release(): Promise<void>;
}

interface Holder {
  readonly token: string;
  readonly pid: number;
  readonly host: string;
  /** Start of the process, where the system says: process numbers are used again. */
  readonly started: string;
}

const NAME = "lock";
const TRIES = 5;

/** @throws FewstepError `store-in-use` */
export async function lockFolder(folder: string): Promise<FolderLock> {
  const path = join(folder, NAME);
  const mine: Holder = {
    token: randomUUID(),
    pid: process.pid,
    host: hostname(),
    started: await startOf(process.pid),
  };
  for (let i = 0; i < TRIES; i++) {
    if (await place(path, mine)) return held(path, mine);
    const other = await readHolder(path);
    if (other !== undefined && (await isAlive(other))) throw inUse(folder, other);
    await takeAway(path, other);
  }
  throw inUse(folder, await readHolder(path));
}

/** Whole or not at all: written beside, then linked to the name, which fails where the name is taken. */
async function place(path: string, mine: Holder): Promise<boolean> {
  const temporary = `${path}.${mine.token}.tmp`;
  await writeFile(temporary, JSON.stringify(mine));
  try {
    await link(temporary, path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  } finally {
    await rm(temporary, { force: true });
  }
}

/** Moves a dead process's lock away; one that appeared meanwhile is put back. */
async function takeAway(path: string, seen: Holder | undefined): Promise<void> {
  const aside = `${path}.${randomUUID()}.tmp`;
  try {
    await rename(path, aside);
  } catch {
    return;
  }
  const moved = await readHolder(aside);
  if (moved !== undefined && moved.token !== seen?.token) await link(aside, path).catch(() => undefined);
  await rm(aside, { force: true });
}

function held(path: string, mine: Holder): FolderLock {
  return {
    async check() {
      const holder = await readHolder(path);
      if (holder?.token === mine.token) return;
      throw new FewstepError({
        code: "store-lost",
        kind: "failed",
        message: "another run took the folder over",
        found: holder === undefined ? "no lock" : `process ${holder.pid} on ${holder.host}`,
        hint: "let the other run end, then run again: what is finished is kept",
      });
    },
    async release() {
      const holder = await readHolder(path);
      if (holder?.token === mine.token) await rm(path, { force: true });
    },
  };
}

async function readHolder(path: string): Promise<Holder | undefined> {
  try {
    const { token, pid, host, started } = JSON.parse(await readFile(path, "utf8")) as Partial<Holder>;
    return { token: String(token), pid: Number(pid), host: String(host), started: String(started) };
  } catch {
    return undefined;
  }
}

/** Of another machine nobody can tell: it counts as alive. */
async function isAlive({ pid, host, started }: Holder): Promise<boolean> {
  if (host !== hostname()) return true;
  try {
    process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
  return (await startOf(pid)) === started;
}

/** Linux: field 22 of stat, in clock ticks since boot. Elsewhere "". */
async function startOf(pid: number): Promise<string> {
  const text = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "");
  // the second field is a name in brackets that may hold anything
  return text.slice(text.lastIndexOf(")") + 2).split(" ")[19] ?? "";
}

function inUse(folder: string, holder: Holder | undefined): FewstepError {
  return new FewstepError({
    code: "store-in-use",
    message: "another run works in this folder",
    found: holder === undefined ? folder : `${folder}: process ${holder.pid} on ${holder.host}`,
    hint: `wait for it to end, or take another folder; if no such process runs on that machine, delete ${join(folder, NAME)}`,
  });
}
