// One text encoder on its runtime: token ids to states. The usual network sees the triangle before each token; one that is told what it
// sees is loaded once a prompt hides tokens (compel's weights below 1).
import type { ActiveAdapter } from "../families/adapter-fit.js";
import type { TextPart } from "../families/parts.js";
import type { Graph } from "../graph/graph.js";
import type { CastPolicy } from "../graph/onnx/compile.js";
import { type ClipTextRequest, clipText } from "../models/clip-text.js";
import type { Runtime } from "../session/session.js";
import type { Tensor } from "../tensor/tensor.js";
import type { Chunk } from "../text/chunk.js";
import { CLIP_IDS } from "../text/clip-tokenizer.js";
import { readRows } from "../weights/read-rows.js";
import { type AdaptedSession, loadAdapted } from "./adapted-network.js";

/** Vectors of textual inversions by name: one list for each encoder, a vector for each placeholder. */
export type EmbeddingVectors = ReadonlyMap<string, readonly (readonly Float32Array[])[]>;

export interface TextNetworkOptions {
  readonly adapters: readonly ActiveAdapter[];
  readonly casts: CastPolicy;
  readonly embeddings?: EmbeddingVectors;
  readonly signal?: AbortSignal;
}

export interface TextNetworkSource {
  /** Which of the family's encoders it is. */
  readonly index: number;
  readonly part: TextPart;
  readonly request: Omit<ClipTextRequest, "batch" | "tokens" | "biased">;
}

export const WINDOW = 77;
const f32 = (shape: readonly number[], data: Float32Array): Tensor => ({ dtype: "f32", shape, data });

export class TextNetwork {
  private biased: Promise<AdaptedSession> | undefined;
  private readonly sessions: AdaptedSession[];

  private constructor(
    private readonly source: TextNetworkSource,
    private readonly options: TextNetworkOptions,
    private readonly usual: AdaptedSession,
    private readonly loadBiased: () => Promise<AdaptedSession>,
  ) {
    this.sessions = [usual];
  }

  static async load(runtime: Runtime, source: TextNetworkSource, options: TextNetworkOptions): Promise<TextNetwork> {
    const { index, part, request } = source;
    const { adapters, casts, signal } = options;
    const network = index === 0 ? "text0" : "text1";
    const load = (graph: Graph) =>
      loadAdapted(runtime, { network, graph, weights: part.weights, adapters, casts }, signal);
    const graph = (biased: boolean) => clipText(part.config, { ...request, batch: 1, tokens: WINDOW, biased });
    return new TextNetwork(source, options, await load(graph(false)), () => load(graph(true)));
  }

  get width(): number {
    return this.source.part.config.width;
  }

  get runSeconds(): number {
    return this.sessions.reduce((sum, { session }) => sum + session.runSeconds, 0);
  }

  get createSeconds(): number {
    return this.sessions.reduce((sum, { session }) => sum + session.createSeconds, 0);
  }

  /** @param masked places that no other may see */
  async run(window: Chunk, masked: readonly number[] = []): Promise<Readonly<Record<string, Tensor>>> {
    const { embeddings, signal } = this.options;
    const table = this.source.part.weights.get("text_model.embeddings.token_embedding.weight")!;
    const embedded = await readRows(table, window.ids, signal);
    for (const { at, name, vector } of window.vectors) {
      embedded.set(embeddings!.get(name)![this.source.index]![vector]!, at * this.width);
    }
    const endToken = new Float32Array(WINDOW);
    endToken[window.ids.indexOf(CLIP_IDS.end)] = 1;
    const feeds = { embedded: f32([1, WINDOW, this.width], embedded), end_token: f32([1, 1, WINDOW], endToken) };
    if (masked.length === 0) return this.usual.run(feeds, signal);
    const told = await this.told();
    return told.run({ ...feeds, attention_bias: f32([1, 1, WINDOW, WINDOW], attentionBias(masked)) }, signal);
  }

  async dispose(): Promise<void> {
    await this.biased?.catch(() => {});
    for (const { session } of this.sessions) await session.dispose();
  }

  private told(): Promise<AdaptedSession> {
    this.biased ??= this.loadBiased().then((loaded) => {
      this.sessions.push(loaded);
      return loaded;
    });
    return this.biased;
  }
}

/** Minus infinity where row must not see column: behind itself, and masked places. The first place is never masked, so each row sees one. */
function attentionBias(masked: readonly number[]): Float32Array {
  const hidden = new Set(masked);
  return Float32Array.from({ length: WINDOW * WINDOW }, (_, i) => {
    const column = i % WINDOW;
    return column > Math.floor(i / WINDOW) || hidden.has(column) ? Number.NEGATIVE_INFINITY : 0;
  });
}
