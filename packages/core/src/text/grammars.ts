// The prompt grammars as data: what each resolves before emphasis, and how one text becomes windows. A new grammar is a new row.
import { parseA1111Attention } from "./attention-a1111.js";
import { parseComfyuiAttention } from "./attention-comfyui.js";
import { type Chunk, type ChunkShape, type TokenPart, truncatedChunk } from "./chunk.js";
import { a1111Chunks } from "./chunks-a1111.js";
import { comfyuiChunks } from "./chunks-comfyui.js";
import type { Tokenizer } from "./clip-tokenizer.js";
import { parseCompel } from "./compel-syntax.js";
import { compelWindow } from "./compel-window.js";
import { a1111Parts, comfyuiParts, type EmbeddingCounts, type SpelledEmbeddings } from "./embeddings.js";
import type { PromptGrammar, PromptNote, Window } from "./prompt-plan.js";
import { isBreak } from "./weighted-text.js";
import type { Weighting } from "./weighting.js";

/** One text encoder, as far as prompts are concerned. */
export interface PromptEncoder {
  readonly tokenizer: Tokenizer;
  readonly shape: ChunkShape;
  readonly embeddings: EmbeddingCounts;
  /** The same embeddings as tokens spell them. */
  readonly spelled: SpelledEmbeddings;
}

export interface Windows {
  readonly windows: readonly Window[];
  readonly notes: readonly PromptNote[];
}

export interface Grammar {
  /** <lora:name:0.8> tags are taken out. */
  readonly networks: boolean;
  /** AND parts prompts. */
  readonly composition: boolean;
  /** [a:b:0.5] and [a|b]. */
  readonly schedules: boolean;
  readonly weighting: Weighting;
  /** One text, read once, then put into the windows of each encoder. */
  read(text: string, commaBacktrack: number): (encoder: PromptEncoder) => Windows;
}

const whole = (chunk: Chunk): Window => [{ ...chunk, share: 1, masked: [] }];

const cutNote = (text: string, cut: number): readonly PromptNote[] =>
  cut === 0 ? [] : [{ code: "tokens-cut", text: text.slice(0, 120), cut }];

export const GRAMMARS: Readonly<Record<PromptGrammar, Grammar>> = {
  a1111: {
    networks: true,
    composition: true,
    schedules: true,
    weighting: "a1111",
    read(text, commaBacktrack) {
      const pieces = parseA1111Attention(text);
      return ({ tokenizer, shape, spelled }) => {
        const parts = pieces.flatMap((piece): readonly TokenPart[] =>
          isBreak(piece) ? [{ kind: "break" }] : a1111Parts(tokenizer.encode(piece.text), piece.weight, spelled),
        );
        return { windows: a1111Chunks(parts, { shape, commaBacktrack }).map(whole), notes: [] };
      };
    },
  },
  comfyui: {
    networks: false,
    composition: false,
    schedules: false,
    weighting: "interpolate",
    read(text) {
      const pieces = parseComfyuiAttention(text);
      return ({ tokenizer, shape, embeddings }) => {
        const read = pieces.map((piece) => comfyuiParts(piece, tokenizer, embeddings));
        return {
          windows: comfyuiChunks(
            read.flatMap(({ parts }) => parts),
            shape,
          ).map(whole),
          notes: read.flatMap(({ unknown }) => unknown.map((name) => ({ code: "embedding-unknown" as const, name }))),
        };
      };
    },
  },
  compel: {
    networks: false,
    composition: false,
    schedules: false,
    weighting: "interpolate",
    read(text) {
      const members = parseCompel(text);
      return ({ tokenizer, shape }) => {
        const read = members.map((member) => compelWindow(member, (words) => tokenizer.encode(words), shape));
        const cut = read.reduce((total, one) => total + one.cut, 0);
        return { windows: read.map(({ encodings }) => encodings), notes: cutNote(text, cut) };
      };
    },
  },
  plain: {
    networks: false,
    composition: false,
    schedules: false,
    weighting: "none",
    read(text) {
      return ({ tokenizer, shape, spelled }) => {
        const { chunk, cut } = truncatedChunk(a1111Parts(tokenizer.encode(text), 1, spelled), shape);
        return { windows: [whole(chunk)], notes: cutNote(text, cut) };
      };
    },
  },
};
