// What a user wrote for a model, LoRA or VAE -> the file it means: a path if there is such a file, else a name in the user's folders.
import { stat } from "node:fs/promises";
import { findModel, type ModelFolders, type ModelRole, openFile } from "@fewstep/core/node";

/** @throws FewstepError `file-not-found`, `unknown-model` with the nearest names, `ambiguous-model` */
export async function findFile(
  folders: ModelFolders,
  role: ModelRole,
  written: string,
  signal?: AbortSignal,
): Promise<string> {
  const isThere = await stat(written).then(
    () => true,
    () => false,
  );
  if (isThere) return written;
  // without folders there are no names: the file is what is missing
  if (folders[role].length === 0) await openFile(written);
  return findModel(folders, role, written, signal);
}
