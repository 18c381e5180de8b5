// Hashes of files that were hashed before, by path, size and time of change. A cache and no more: a damaged one is begun anew.
import { readFile, rename, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { makeFolder } from "./make-folder.js";
import { userFolder } from "./user-folders.js";

/** What of a file is hashed: all of it, or the tensors behind a safetensors header. */
export type HashedPart = "file" | "tensors";

export interface FileStamp {
  readonly path: string;
  readonly bytes: number;
  readonly changed: number;
}

type Entry = {
  readonly path: string;
  readonly bytes: number;
  readonly changed: number;
  readonly part: HashedPart;
  readonly sha256: string;
};

/** The newest are kept; a collection of models is some hundred files. */
const MAX_ENTRIES = 2_000;
const MAX_CACHE_BYTES = 4_000_000;

export class HashCache {
  private constructor(
    private readonly path: string,
    private entries: readonly Entry[],
  ) {}

  static async open(path: string = join(userFolder("cache"), "hashes.json")): Promise<HashCache> {
    return new HashCache(path, await readEntries(path));
  }

  get({ path, bytes, changed }: FileStamp, part: HashedPart): string | undefined {
    return this.entries.find(
      (entry) => entry.path === path && entry.part === part && entry.bytes === bytes && entry.changed === changed,
    )?.sha256;
  }

  /** Remembers a hash; not being able to write the cache is no error. */
  async add(stamp: FileStamp, part: HashedPart, sha256: string): Promise<void> {
    // read again: another fewstep may have added something meanwhile
    const others = (await readEntries(this.path)).filter((one) => one.path !== stamp.path || one.part !== part);
    this.entries = [{ ...stamp, part, sha256 }, ...others].slice(0, MAX_ENTRIES);
    const temporary = `${this.path}.${process.pid}.tmp`;
    try {
      await makeFolder(dirname(this.path));
      await writeFile(temporary, JSON.stringify(this.entries));
      await rename(temporary, this.path);
    } catch {
      // a read-only home: every run hashes again
    }
  }
}

async function readEntries(path: string): Promise<readonly Entry[]> {
  try {
    const text = await readFile(path, "utf8");
    if (text.length > MAX_CACHE_BYTES) return [];
    const json: unknown = JSON.parse(text);
    return Array.isArray(json) ? json.filter(isEntry).slice(0, MAX_ENTRIES) : [];
  } catch {
    return [];
  }
}

function isEntry(value: unknown): value is Entry {
  if (typeof value !== "object" || value === null) return false;
  const { path, bytes, changed, part, sha256 } = value as Partial<Record<keyof Entry, unknown>>;
  return (
    typeof path === "string" &&
    typeof bytes === "number" &&
    typeof changed === "number" &&
    (part === "file" || part === "tensors") &&
    typeof sha256 === "string" &&
    /^[0-9a-f]{64}$/.test(sha256)
  );
}
