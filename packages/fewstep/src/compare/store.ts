// A comparison's folder: comparison.json (the grid), cells/ID.json with cells/ID.png, scores/ID.json. Every file is written beside its name
// and renamed, a record only after its picture: what is there is whole. No path is stored, so the folder can be moved.
import { createHash } from "node:crypto";
import { readdir, readFile, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import {
  type CellRecord,
  type CompareGrid,
  FewstepError,
  type ModelScores,
  type PictureScores,
  type ScorerKind,
} from "@fewstep/core";
import { makeFolder, writeFileAtomically } from "@fewstep/core/node";
import { type FolderLock, lockFolder } from "../folder-lock.js";

interface Manifest {
  readonly format: 1;
  readonly grid: CompareGrid;
}

/** What a network said of a picture beside one reference's. */
export interface StoredModelScores {
  /** Of the network. */
  readonly scorer: string;
  readonly reference: string;
  readonly scores: ModelScores;
}

/** Scores of a cell's picture beside one reference's. */
interface StoredScores extends PictureScores {
  readonly reference: string;
}

const MANIFEST = "comparison.json";
const ID = /^[0-9a-f]{16}$/;
/** A grid of 10,000 cells is some 30 MB. */
const MAX_MANIFEST_BYTES = 200_000_000;

export class CompareStore {
  private constructor(
    readonly folder: string,
    private readonly lock: FolderLock | undefined,
  ) {}

  /**
   * Opens a folder to compute in, making it first if need be.
   * @throws FewstepError `store-in-use`, `store-foreign`, `disk-full`, `output-unwritable`
   */
  static async open(folder: string): Promise<CompareStore> {
    try {
      return await CompareStore.prepare(folder);
    } catch (error) {
      throw error instanceof FewstepError ? error : unwritable(folder, error as NodeJS.ErrnoException);
    }
  }

  private static async prepare(folder: string): Promise<CompareStore> {
    await makeFolder(folder);
    const names = (await readdir(folder)).filter((name) => !name.startsWith("."));
    const own = ["cells", "scores", "lock", MANIFEST];
    if (names.length > 0 && !names.some((name) => own.includes(name))) throw foreign(folder, names);
    const store = new CompareStore(folder, await lockFolder(folder));
    for (const part of ["cells", "scores"]) await makeFolder(join(folder, part));
    await store.clean();
    return store;
  }

  /** A folder to look into: nothing is locked, nothing may be written, and it need not be there. */
  static toRead(folder: string): CompareStore {
    return new CompareStore(folder, undefined);
  }

  async close(): Promise<void> {
    await this.lock?.release();
  }

  /** @throws FewstepError `store-missing` */
  async readGrid(): Promise<CompareGrid> {
    const manifest = await readJson<Manifest>(join(this.folder, MANIFEST), MAX_MANIFEST_BYTES);
    if (manifest?.format === 1) return manifest.grid;
    throw new FewstepError({
      code: "store-missing",
      message: "there is no comparison in this folder",
      found: this.folder,
      expected: `a folder with ${MANIFEST}, as fewstep compare --out makes it`,
    });
  }

  async writeGrid(grid: CompareGrid): Promise<void> {
    const manifest: Manifest = { format: 1, grid };
    await this.write(MANIFEST, new TextEncoder().encode(JSON.stringify(manifest)));
  }

  /** Records of cells that are whole: a record whose picture is missing or of another length counts as not there. */
  async readRecords(): Promise<ReadonlyMap<string, CellRecord>> {
    const records = new Map<string, CellRecord>();
    const names = await readdir(join(this.folder, "cells")).catch(() => []);
    for (const name of names) {
      const id = name.replace(/\.json$/, "");
      if (!name.endsWith(".json") || !ID.test(id)) continue;
      const record = await readJson<CellRecord>(join(this.folder, "cells", name), 10_000_000);
      if (record?.id === id && (await this.isWhole(record))) records.set(id, record);
    }
    return records;
  }

  /** The picture first: a record promises one. */
  async writeCell(record: CellRecord, png?: Uint8Array): Promise<CellRecord> {
    const { picture } = record;
    if (png === undefined || picture === undefined) {
      await this.write(join("cells", `${record.id}.json`), encoded(record));
      return record;
    }
    const sha256 = createHash("sha256").update(png).digest("hex");
    const whole: CellRecord = { ...record, picture: { ...picture, bytes: png.length, sha256 } };
    await this.write(join("cells", `${record.id}.png`), png);
    await this.write(join("cells", `${record.id}.json`), encoded(whole));
    return whole;
  }

  /** Undefined where it is not there, or not what its record says. */
  async readPicture({ id, picture }: CellRecord): Promise<Uint8Array<ArrayBuffer> | undefined> {
    if (picture === undefined) return undefined;
    const png = await readFile(join(this.folder, "cells", `${id}.png`)).catch(() => undefined);
    return png && createHash("sha256").update(png).digest("hex") === picture.sha256 ? new Uint8Array(png) : undefined;
  }

  async readScores(id: string, reference: string): Promise<PictureScores | undefined> {
    const stored = await readJson<StoredScores>(join(this.folder, "scores", `${id}.json`), 1_000_000);
    return stored?.reference === reference ? { scores: stored.scores, failures: stored.failures } : undefined;
  }

  async writeScores(id: string, reference: string, { scores, failures }: PictureScores): Promise<void> {
    await this.write(join("scores", `${id}.json`), encoded({ reference, scores, failures }));
  }

  async readModelScores(id: string, kind: ScorerKind): Promise<StoredModelScores | undefined> {
    return readJson<StoredModelScores>(join(this.folder, "scores", `${id}.${kind}.json`), 1_000_000);
  }

  async writeModelScores(id: string, kind: ScorerKind, scores: StoredModelScores): Promise<void> {
    await this.write(join("scores", `${id}.${kind}.json`), encoded(scores));
  }

  /** A file of the folder by its plain name: reports and sheets. */
  async write(name: string, bytes: Uint8Array): Promise<void> {
    await this.lock?.check();
    await writeFileAtomically(join(this.folder, name), bytes, { replace: true });
  }

  private async isWhole({ id, status, picture }: CellRecord): Promise<boolean> {
    if (status === "failed") return true;
    const stats = await stat(join(this.folder, "cells", `${id}.png`)).catch(() => undefined);
    return picture !== undefined && stats?.size === picture.bytes;
  }

  /** What a killed run left behind under names of its own. */
  private async clean(): Promise<void> {
    for (const part of ["", "cells", "scores"]) {
      for (const name of await readdir(join(this.folder, part))) {
        const isLeft = name.startsWith(".") && name.endsWith(".tmp");
        if (isLeft) await rm(join(this.folder, part, name), { force: true });
      }
    }
  }
}

function encoded(value: unknown): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(value));
}

/** Undefined for what is missing or damaged: it is computed again. */
async function readJson<T>(path: string, most: number): Promise<T | undefined> {
  try {
    const stats = await stat(path);
    return stats.size > most ? undefined : (JSON.parse(await readFile(path, "utf8")) as T);
  } catch {
    return undefined;
  }
}

function foreign(folder: string, names: readonly string[]): FewstepError {
  return new FewstepError({
    code: "store-foreign",
    message: "the output folder holds something else",
    found: `${folder}: ${names.slice(0, 5).join(", ")}`,
    expected: "an empty or new folder, or one that fewstep compare made",
  });
}

function unwritable(folder: string, error: NodeJS.ErrnoException): FewstepError {
  const full = error.code === "ENOSPC" || error.code === "EDQUOT";
  return new FewstepError({
    code: full ? "disk-full" : "output-unwritable",
    kind: "failed",
    message: full ? "the disk is full" : "cannot write into the comparison's folder",
    found: `${folder}: ${error.code ?? error.message}`,
    hint: full
      ? "free space and run again: finished cells are kept"
      : "name another folder with --out, or make this one writable",
    cause: error,
  });
}
