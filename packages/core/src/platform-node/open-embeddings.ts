// Textual inversions by their paths on disk, under the names that prompts call them by.
import { FewstepError } from "../errors.js";
import type { Checkpoint } from "../families/checkpoint.js";
import { type InversionVectors, openTextualInversion } from "../families/textual-inversion.js";
import { openFile } from "../files/open-file.js";
import { showName } from "../files/show-name.js";

export interface EmbeddingFile {
  readonly path: string;
  /** What it is called in prompts; default the file's name without its ending. */
  readonly name?: string;
}

/** @throws FewstepError `file-not-found`, `embedding-twice`, and the codes of openTextualInversion */
export async function openEmbeddings(
  files: readonly EmbeddingFile[],
  checkpoint: Checkpoint,
  signal?: AbortSignal,
): Promise<ReadonlyMap<string, InversionVectors>> {
  const found = new Map<string, InversionVectors>();
  for (const { path, name } of files) {
    const source = await openFile(path);
    const called = name ?? source.name.replace(/\.safetensors$/i, "");
    if (found.has(called)) {
      throw new FewstepError({
        code: "embedding-twice",
        message: "two textual inversions have one name",
        found: showName(called),
        hint: "give one of them another name: NAME=FILE",
      });
    }
    found.set(called, await openTextualInversion(source, checkpoint, signal));
  }
  return found;
}
