// Pictures -> the means of an autoencoder's posterior, a batch at a time, on a runner that holds it. No scaling and no normalisation.
import { type VaeConfig, vaeEncoder } from "@fewstep/core";
import type { FlatLayout } from "../flat/layout.js";
import { evaluate } from "../program/evaluate.js";
import type { StepRunner } from "../program/program.js";
import { pictureFeed } from "./picture-feed.js";
import type { PictureSource } from "./picture-source.js";

export interface EncodeMeansOptions {
  readonly runner: StepRunner;
  readonly config: VaeConfig;
  readonly layout: FlatLayout;
  readonly vector: Float32Array;
  readonly source: PictureSource;
  readonly batch: number;
  readonly signal?: AbortSignal;
  readonly progress?: (encoded: number) => void;
}

export interface EncodedMeans {
  /** All pictures' means [C, h, w] one after another. */
  readonly means: Float32Array;
  readonly shape: readonly [number, number, number];
  readonly captions: readonly string[];
}

export async function encodeMeans(options: EncodeMeansOptions): Promise<EncodedMeans> {
  const { runner, config, layout, vector, source, batch, signal, progress } = options;
  const { width, height, count } = source;
  const graph = vaeEncoder(config, { batch, height, width });
  const program = evaluate("encode", { ...graph, outputs: graph.outputs.filter(({ name }) => name === "mean") }, [
    { resident: "encoder", layout, prefix: "" },
  ]);
  await runner.set("encoder", vector);
  const shape = [config.latentChannels, height / 8, width / 8] as const;
  const each = shape[0] * shape[1] * shape[2];
  const means = new Float32Array(count * each);
  const captions: string[] = [];
  for (let start = 0; start < count; start += batch) {
    // the last batch is filled up with pictures that are then left out
    const indices = Array.from({ length: batch }, (_, i) => Math.min(count - 1, start + i));
    const pictures = await Promise.all(indices.map((index) => source.picture(index)));
    const { mean } = await runner.run(program, { image: pictureFeed(pictures, source) }, signal);
    const used = Math.min(batch, count - start);
    means.set((mean!.data as Float32Array).subarray(0, used * each), start * each);
    for (const { caption } of pictures.slice(0, used)) captions.push(caption);
    progress?.(start + used);
  }
  return { means, shape, captions };
}
