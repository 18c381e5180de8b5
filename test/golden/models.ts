// Makes the models that goldens belong to, by the generator that lies beside them, into a cache folder.
import { execFile } from "node:child_process";
import { mkdir, readFile, realpath, rename, stat } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import type { FileSource } from "@fewstep/core";
import { openFile } from "@fewstep/core/node";

const run = promisify(execFile);

interface SpecIndex {
  readonly files: Readonly<Record<string, { readonly size: number; readonly sha256: string }>>;
}

/** Opens the model of DIR/specs/NAME.json, making it first if the cache lacks it. */
export class GeneratedModels {
  private readonly opened = new Map<string, Promise<FileSource>>();
  private index: Promise<SpecIndex> | undefined;

  constructor(
    private readonly dir: string,
    private readonly cache: string,
  ) {}

  open(spec: string): Promise<FileSource> {
    const known = this.opened.get(spec);
    if (known !== undefined) return known;
    const opening = this.make(spec).then(openFile);
    this.opened.set(spec, opening);
    return opening;
  }

  /** Bytes of the file that a spec makes; 0 if the index does not list it. */
  async size(spec: string): Promise<number> {
    return (await this.listed(spec))?.size ?? 0;
  }

  private async listed(spec: string): Promise<SpecIndex["files"][string] | undefined> {
    this.index ??= readFile(join(this.dir, "specs", "index.json"), "utf8").then(
      (text) => JSON.parse(text) as SpecIndex,
    );
    return (await this.index).files[spec];
  }

  private async make(spec: string): Promise<string> {
    const expected = await this.listed(spec);
    const path = join(this.cache, `${spec}-${expected?.sha256.slice(0, 12) ?? "unlisted"}.safetensors`);
    const made = await stat(path).catch(() => undefined);
    if (expected !== undefined && made?.size === expected.size) return path;
    await mkdir(this.cache, { recursive: true });
    const temporary = `${path}.${process.pid}.part`;
    const sha = expected === undefined ? [] : [expected.sha256];
    // by its real path: a program that asks whether it was called itself is not reached through a link
    const generator = await realpath(join(this.dir, "make.mjs"));
    await run(process.execPath, [generator, join(this.dir, "specs", `${spec}.json`), temporary, ...sha]);
    await rename(temporary, path);
    return path;
  }
}
