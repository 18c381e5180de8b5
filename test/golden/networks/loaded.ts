// Networks of generated models for golden cases: opened once, run at whatever shape a case has.
import {
  type Graph,
  type LoadOptions,
  openSafetensors,
  type Parts,
  partsOf,
  type Runtime,
  readRows,
  type Tensor,
  type TextPart,
  timeFeatures,
  type UnetPart,
  type Weights,
} from "@fewstep/core";
import type { GoldenBench, GoldenTensors } from "../golden-case.js";

export async function partsOfModel(bench: GoldenBench, spec: string): Promise<Parts & { readonly file: Weights }> {
  const { weights } = await openSafetensors(await bench.model(spec));
  return { ...partsOf(weights), file: weights };
}

export const f32 = (shape: readonly number[], data: Float32Array): Tensor => ({ dtype: "f32", shape, data });

export async function runOnce(
  runtime: Runtime,
  graph: Graph,
  weights: Weights,
  feeds: Readonly<Record<string, Tensor>>,
  options: LoadOptions = {},
): Promise<Readonly<Record<string, Tensor>>> {
  const session = await runtime.load(graph, weights, options);
  try {
    return await session.run(feeds);
  } finally {
    await session.dispose();
  }
}

/** Feeds of a UNet from a golden's sample, timestep, context (and text_embeds, time_ids, timestep_cond). */
export function unetFeeds({ config }: UnetPart, golden: GoldenTensors): Record<string, Tensor> {
  const sample = golden.get("sample") as Tensor;
  const batch = sample.shape[0]!;
  const timesteps = golden.get("timestep")!.data as Float32Array;
  const base = config.down[0]!.channels;
  const time = new Float32Array(batch * base);
  for (let i = 0; i < batch; i++) time.set(timeFeatures(timesteps[i % timesteps.length]!, base), i * base);
  const feeds: Record<string, Tensor> = {
    sample,
    context: golden.get("context") as Tensor,
    time_features: f32([batch, base], time),
  };
  if (config.additionWidth !== undefined) {
    const pooled = golden.get("text_embeds")!;
    const sizes = golden.get("time_ids")!.data as Float32Array;
    const pooledWidth = pooled.shape[1]!;
    const each = (config.additionWidth - pooledWidth) / 6;
    const addition = new Float32Array(batch * config.additionWidth);
    for (let i = 0; i < batch; i++) {
      const at = i * config.additionWidth;
      addition.set((pooled.data as Float32Array).subarray(i * pooledWidth, (i + 1) * pooledWidth), at);
      for (let j = 0; j < 6; j++) addition.set(timeFeatures(sizes[i * 6 + j]!, each), at + pooledWidth + j * each);
    }
    feeds.addition = f32([batch, config.additionWidth], addition);
  }
  const guidance = golden.get("timestep_cond");
  if (guidance !== undefined) feeds.guidance_features = guidance;
  return feeds;
}

/** Feeds of a text encoder from ids [batch, tokens]. */
export async function textFeeds(part: TextPart, ids: Tensor): Promise<Record<string, Tensor>> {
  const [batch, tokens] = ids.shape as [number, number];
  const list = Array.from(ids.data as BigInt64Array, Number);
  const table = part.weights.get("text_model.embeddings.token_embedding.weight")!;
  const endToken = new Float32Array(batch * tokens);
  for (let i = 0; i < batch; i++) {
    const row = list.slice(i * tokens, (i + 1) * tokens);
    endToken[i * tokens + row.indexOf(Math.max(...row))] = 1;
  }
  return {
    embedded: f32([batch, tokens, part.config.width], await readRows(table, list)),
    end_token: f32([batch, 1, tokens], endToken),
  };
}
