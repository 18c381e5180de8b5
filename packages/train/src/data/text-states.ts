// Text states of captions by a CLIP tower that lies in a file: what conditions a denoiser whose tower is not trained.
import { type ClipTextConfig, clipText, prune, readRows, type Weights } from "@fewstep/core";
import { TOKEN_TABLE } from "../models/network.js";
import type { Program, StepRunner } from "../program/program.js";
import type { Tokenise } from "./token-rows.js";

export interface TextTower {
  readonly config: ClipTextConfig;
  /** By canonical names; the runner must hold them too. */
  readonly weights: Weights;
  /** States before which layer from the end: 1 for Stable Diffusion 1.x. */
  readonly skip: number;
  /** Whether the final norm is applied. */
  readonly normed: boolean;
}

/** [positions * width] numbers a caption, in the captions' order, made `batch` at a time. */
export async function* textStatesOf(
  { config, weights, skip, normed }: TextTower,
  captions: readonly string[],
  tokenise: Tokenise,
  { runner, batch, signal }: { readonly runner: StepRunner; readonly batch: number; readonly signal?: AbortSignal },
): AsyncGenerator<Float32Array, void, undefined> {
  const { positions, width } = config;
  const graph = prune(clipText(config, { batch, tokens: positions, skip, normed, pooled: false }));
  const program: Program = { name: "text", graph, residents: new Set(), updates: new Map() };
  const table = weights.get(TOKEN_TABLE)!;
  const each = positions * width;
  for (let start = 0; start < captions.length; start += batch) {
    // the last batch is filled up with captions that are then left out
    const texts = Array.from({ length: batch }, (_, i) => captions[Math.min(captions.length - 1, start + i)]!);
    const data = await readRows(table, texts.flatMap(tokenise), signal);
    const feeds = {
      embedded: { dtype: "f32", shape: [batch, positions, width], data },
      end_token: { dtype: "f32", shape: [batch, 1, positions], data: new Float32Array(batch * positions) },
    } as const;
    const { states } = await runner.run(program, feeds, signal);
    const values = states!.data as Float32Array;
    const used = Math.min(batch, captions.length - start);
    for (let i = 0; i < used; i++) yield values.slice(i * each, (i + 1) * each);
  }
}
