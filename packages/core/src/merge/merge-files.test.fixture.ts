// Files for tests of merging: small checkpoints and adapters by name, and results written to a temporary folder and opened again.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type ActiveAdapter, fitAdapter } from "../families/adapter-fit.js";
import { type Checkpoint, openCheckpoint } from "../families/checkpoint.js";
import { openFile } from "../files/open-file.js";
import type { FileSource } from "../files/source.js";
import { tinyFile } from "../generate/tiny-pipeline.test.fixture.js";
import { writeFileAtomically } from "../platform-node/atomic-write.js";
import { bytesOf, type TensorSpec } from "../weights/adapters/adapter-file.test.fixture.js";
import { parseAdapter } from "../weights/adapters/parse.js";
import { openSafetensors } from "../weights/safetensors.js";
import { layoutSafetensors, type TensorToWrite, writeSafetensors } from "../weights/safetensors-writer.js";

export async function fitted(
  checkpoint: Checkpoint,
  file: FileSource | string,
  strengths: Partial<ActiveAdapter> = {},
): Promise<ActiveAdapter> {
  const source = typeof file === "string" ? await openFile(tinyFile(file)) : file;
  const fit = fitAdapter(await parseAdapter(source.name, await openSafetensors(source)), checkpoint);
  return { id: source.name, fit, strengthUnet: 1, strengthText: 1, ...strengths };
}

export class MergeFolder {
  readonly path = mkdtempSync(join(tmpdir(), "fewstep-merge-"));
  private count = 0;

  async write(tensors: readonly TensorToWrite[], metadata?: Readonly<Record<string, string>>): Promise<FileSource> {
    const path = join(this.path, `${this.count++}.safetensors`);
    await writeFileAtomically(path, writeSafetensors(layoutSafetensors(tensors, metadata)));
    return openFile(path);
  }

  /** A file of small tensors. */
  async file(tensors: Readonly<Record<string, TensorSpec>>): Promise<FileSource> {
    const path = join(this.path, `${this.count++}.safetensors`);
    await writeFileAtomically(path, await bytesOf(tensors));
    return openFile(path);
  }

  async checkpoint(tensors: readonly TensorToWrite[]): Promise<Checkpoint> {
    return openCheckpoint(await this.write(tensors));
  }

  remove(): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}
