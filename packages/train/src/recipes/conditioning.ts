// How a denoiser under training gets its text states: from token rows through a text tower inside the graph (a small tower costs less than a
// cache), or as states computed beforehand (a large tower, whose captions are few or cached).
import { type ClipTextConfig, type GraphBuilder, timeFeatures, type Value } from "@fewstep/core";
import type { Tokenise, TokenRows } from "../data/token-rows.js";
import { withUnknown } from "../data/token-rows.js";
import { type NameOf, textStates } from "../models/network.js";
import type { RandomStream } from "../optim/random-stream.js";
import type { Tensors } from "../program/program.js";

export interface Conditioning {
  /** Declares inputs; answers states [batch, T, D], and those of the empty prompt repeated to the batch if asked for. */
  build(
    b: GraphBuilder,
    batch: number,
    withEmpty: boolean,
  ): { readonly context: Value; readonly empty: Value | undefined };
  feed(captions: readonly string[], withEmpty: boolean, random: RandomStream): Tensors;
}

export interface TokenConditioningOptions {
  readonly text: ClipTextConfig;
  readonly rows: TokenRows;
  readonly tokenise: Tokenise;
  readonly nameOf: NameOf;
  /** Part of the captions that get unknown words; default 0. */
  readonly unknown?: number;
}

export function tokenConditioning(options: TokenConditioningOptions): Conditioning {
  const { text, rows, tokenise, nameOf, unknown = 0 } = options;
  const blank = tokenise("").map(rows.rowOf);
  const end = blank.at(-1)!;
  const length = blank.length;
  const cache = new Map<string, readonly number[]>();
  const encode = (caption: string): readonly number[] => {
    const known = cache.get(caption) ?? tokenise(caption).map(rows.rowOf);
    if (cache.size < CACHED_CAPTIONS) cache.set(caption, known);
    return known;
  };
  return {
    build(b, batch, withEmpty) {
      const count = withEmpty ? batch + 1 : batch;
      const tokens = b.input("tokens", [count, length]);
      const states = textStates(b, text, rows.ids.length, tokens, nameOf, "text");
      if (!withEmpty) return { context: states, empty: undefined };
      const [context, empty] = [
        b.op("Slice", [states], { axis: 0, start: 0, end: batch }),
        b.op("Slice", [states], { axis: 0, start: batch, end: batch + 1 }),
      ];
      return { context, empty: b.op("Expand", [empty], { shape: context.shape }) };
    },
    feed(captions, withEmpty, random) {
      const lines = captions.map((caption) =>
        caption !== "" && random.uniform() < unknown ? withUnknown(encode(caption), end, random) : encode(caption),
      );
      if (withEmpty) lines.push(blank);
      return { tokens: { dtype: "f32", shape: [lines.length, length], data: Float32Array.from(lines.flat()) } };
    },
  };
}

/** Captions whose tokens are kept: some 80 MB at 77 tokens. */
const CACHED_CAPTIONS = 100_000;

/** States made beforehand: `statesOf` answers [tokens * width] numbers for a caption, "" included. */
export function stateConditioning(
  tokens: number,
  width: number,
  statesOf: (caption: string) => Float32Array,
): Conditioning {
  const stack = (captions: readonly string[]) => {
    const data = new Float32Array(captions.length * tokens * width);
    captions.forEach((caption, i) => {
      data.set(statesOf(caption), i * tokens * width);
    });
    return { dtype: "f32" as const, shape: [captions.length, tokens, width], data };
  };
  return {
    build(b, batch, withEmpty) {
      const context = b.input("context", [batch, tokens, width]);
      if (!withEmpty) return { context, empty: undefined };
      const empty = b.op("Expand", [b.input("empty", [1, tokens, width])], { shape: context.shape });
      return { context, empty };
    },
    feed: (captions, withEmpty) => ({
      context: stack(captions),
      ...(withEmpty ? { empty: stack([""]) } : {}),
    }),
  };
}

/** The network's timestep input of each picture, [N, width]. */
export function timeFeed(
  timesteps: readonly number[],
  width: number,
): { dtype: "f32"; shape: number[]; data: Float32Array } {
  const data = new Float32Array(timesteps.length * width);
  timesteps.forEach((t, i) => {
    data.set(timeFeatures(t, width), i * width);
  });
  return { dtype: "f32", shape: [timesteps.length, width], data };
}
