// The embedded model, its LoRAs and its judge as files of this package. A copy may lack them (a clone that trains them anew): whoever asks must
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

/** The embedded checkpoint, a Stable Diffusion 1.x single file; undefined where it is not there. */
export const tinyModel = (): Promise<ModelFile | undefined> => fileIn("tiny.safetensors");

/** Its LoRA of an accelerator; undefined where it is not there. */
export const tinyLora = (accelerator: TinyAccelerator): Promise<ModelFile | undefined> =>
  fileIn(`tiny-${accelerator}.safetensors`);

/** The network that reads pictures of the embedded model; undefined where it is not there. */
export const judgeFile = (): Promise<ModelFile | undefined> => fileIn("judge.safetensors", "judge");
