// Latents of a picture set by an autoencoder, made once and kept in a file that is named by what they were made of: the autoencoder's
// numbers and every picture's key. A changed picture or autoencoder is another name, so nothing stale is ever read.
import { createHash } from "node:crypto";
import { stat } from "node:fs/promises";
import { join } from "node:path";
import { layoutSafetensors, openSafetensors, readTensor, writeSafetensors } from "@fewstep/core";
import { makeFolder, openFile } from "@fewstep/core/node";
import { type EncodeMeansOptions, encodeMeans } from "../data/encode-means.js";
import { type LatentSet, latentSet } from "../data/latent-set.js";
import type { KeyedPictures } from "../data/picture-source.js";
import { writeWhole } from "./folder-store.js";

export interface CachedLatentsOptions extends EncodeMeansOptions {
  readonly source: KeyedPictures;
  /** Means are multiplied by it: 0.18215 for Stable Diffusion 1.x. */
  readonly scalingFactor: number;
  /** Where the files lie; made if it is not there. */
  readonly folder: string;
}

const TENSOR = "latents";

export async function cachedLatents(options: CachedLatentsOptions): Promise<LatentSet> {
  const { source, config, scalingFactor, folder, signal, progress } = options;
  const shape = [config.latentChannels, source.height / 8, source.width / 8] as const;
  const captions = Array.from({ length: source.count }, (_, i) => source.caption(i));
  const path = join(folder, `latents-${await contentKey(options)}.safetensors`);
  if (await isFile(path)) {
    const { weights } = await openSafetensors(await openFile(path), signal);
    progress?.(source.count);
    return latentSet(await readTensor(weights.get(TENSOR)!, signal), shape, captions);
  }
  const { means } = await encodeMeans(options);
  for (let i = 0; i < means.length; i++) means[i]! *= scalingFactor;
  await makeFolder(folder);
  const tensor = {
    name: TENSOR,
    dtype: "f32" as const,
    shape: [source.count, ...shape],
    chunks: () => [new Uint8Array(means.buffer, means.byteOffset, means.byteLength)],
  };
  await writeWhole(path, writeSafetensors(layoutSafetensors([tensor], {}), signal));
  return latentSet(means, shape, captions);
}

/** Captions are not part of it: latents do not depend on them. */
async function contentKey({ source, vector, scalingFactor }: CachedLatentsOptions): Promise<string> {
  const hash = createHash("sha256").update(`2 ${source.count} ${source.width} ${source.height} ${scalingFactor}\n`);
  hash.update(new Uint8Array(vector.buffer, vector.byteOffset, vector.byteLength));
  for (let i = 0; i < source.count; i++) hash.update(`${await source.key(i)}\n`);
  return hash.digest("hex").slice(0, 32);
}

async function isFile(path: string): Promise<boolean> {
  return stat(path).then(
    (stats) => stats.isFile(),
    () => false,
  );
}
