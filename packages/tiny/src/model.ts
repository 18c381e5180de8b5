// The embedded model and its LoRAs as files of this package. They are there only in a package built after their training: whoever asks must
// be ready for `undefined` and say so. Node only.
import { stat } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import type { TinyAccelerator } from "./own-settings.js";

export * from "./own-settings.js";

export interface ModelFile {
  readonly path: string;
}

async function fileIn(name: string, folder = "model"): Promise<ModelFile | undefined> {
  const path = fileURLToPath(new URL(`../${folder}/${name}`, import.meta.url));
  const isFile = await stat(path).then(
    (stats) => stats.isFile(),
    (error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT" || error.code === "ENOTDIR") return false;
      throw error;
    },
  );
  return isFile ? { path } : undefined;
}

/** The embedded checkpoint, a Stable Diffusion 1.x single file; undefined while it is still in training. */
export const tinyModel = (): Promise<ModelFile | undefined> => fileIn("tiny.safetensors");

/** Its LoRA of an accelerator; undefined while that is still in training. */
export const tinyLora = (accelerator: TinyAccelerator): Promise<ModelFile | undefined> =>
  fileIn(`tiny-${accelerator}.safetensors`);

/** The network that reads pictures of the embedded model; undefined while it is still in training. */
export const judgeFile = (): Promise<ModelFile | undefined> => fileIn("judge.safetensors", "judge");
