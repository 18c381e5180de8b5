// What preparing a run may use: a signal, a place for caches, and somewhere to say what takes long.
import { join } from "node:path";
import { userFolder } from "@fewstep/core/node";
import type { LatentSet } from "@fewstep/train";
import { cachedLatents, ortRunner } from "@fewstep/train/node";
import type { LoadedVae } from "./open-vae.js";
import type { TrainOptions } from "./train-options.js";
import { firstPictures } from "./training-pictures.js";

export interface TrainContext {
  readonly signal: AbortSignal;
  /** Something that takes a while is `done` of `of`. */
  readonly stage: (text: string, done: number, of: number) => void;
}

const ENCODE_BATCH = 8;

export const cacheFolder = ({ cache }: TrainOptions): string => cache ?? join(userFolder("cache"), "training");

/** Latents of the pictures, from the cache where they were made before; of a batch of them for a dry run. */
export async function latentsOf(
  { config, layout, vector }: LoadedVae,
  source: Parameters<typeof firstPictures>[0],
  scalingFactor: number,
  options: TrainOptions,
  { signal, stage }: TrainContext,
): Promise<LatentSet> {
  const used = options.dryRun ? firstPictures(source, options.batch) : source;
  const runner = ortRunner({ device: options.device, ...(options.threads && { threads: options.threads }) });
  try {
    return await cachedLatents({
      runner,
      config,
      layout,
      vector,
      source: used,
      batch: Math.min(ENCODE_BATCH, used.count),
      scalingFactor,
      folder: cacheFolder(options),
      signal,
      progress: (done) => stage("encoding pictures", done, used.count),
    });
  } finally {
    await runner.dispose();
  }
}
