// The embedded model and its LoRAs as files of this package. They are there only in a package built after their training: whoever asks must
// be ready for `undefined` and say so. Node only.
import { stat } from "node:fs/promises";
import { fileURLToPath } from "node:url";

export const TINY_ACCELERATORS = ["lcm", "lightning", "hyper", "turbo"] as const;
export type TinyAccelerator = (typeof TINY_ACCELERATORS)[number];

/** How the base is used without an accelerator. */
export const TINY_SETTINGS = { steps: 25, guidance: 3, sampler: "ddim", schedule: "trailing" } as const;

/** What each LoRA is in the table of published accelerators. */
export const TINY_VARIANTS: Readonly<Record<TinyAccelerator, string>> = {
  lcm: "lcm",
  lightning: "lightning-4",
  hyper: "hyper-4",
  turbo: "turbo",
};

export interface ModelFile {
  readonly path: string;
}

const folder = new URL("../model/", import.meta.url);

async function fileIn(name: string): Promise<ModelFile | undefined> {
  const path = fileURLToPath(new URL(name, folder));
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
