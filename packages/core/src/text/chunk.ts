// One window of a text encoder: 77 token ids with their weights, and where vectors of textual inversions stand in for tokens.
// Plain JSON. Filling windows is the business of chunks-a1111.ts and chunks-comfyui.ts.
import { CLIP_IDS } from "./clip-tokenizer.js";

/** What an encoder's window looks like. */
export interface ChunkShape {
  /** Tokens of the window, start and end included: 77. */
  readonly length: number;
  readonly start: number;
  readonly end: number;
  /** Fills up behind the end: the end token (CLIP-L) or 0 (OpenCLIP H and G). */
  readonly pad: number;
  readonly comma: number;
}

export const CLIP_SHAPE: ChunkShape = { length: 77, pad: CLIP_IDS.end, ...CLIP_IDS };

/** A part of a prompt, ready to be put into windows. */
export type TokenPart =
  | { readonly kind: "tokens"; readonly ids: readonly number[]; readonly weight: number }
  | { readonly kind: "embedding"; readonly name: string; readonly vectors: number; readonly weight: number }
  | { readonly kind: "break" };

/** At place `at` of the window the encoder is given vector `vector` of the textual inversion `name`, not a row of its table. */
export interface EmbeddedVector {
  readonly at: number;
  readonly name: string;
  readonly vector: number;
}

export interface Chunk {
  /** `length` ids; 0 where a vector stands in. */
  readonly ids: readonly number[];
  readonly weights: readonly number[];
  /** Tokens of the prompt in it, between start and end. */
  readonly used: number;
  readonly vectors: readonly EmbeddedVector[];
}

/** One place of a window before it is closed. */
export interface Slot {
  readonly id: number;
  readonly weight: number;
  readonly vector?: { readonly name: string; readonly vector: number };
}

/** Id under a vector of a textual inversion: the encoder never looks at it. */
const PLACEHOLDER = 0;

/** The slots of a part. */
export function slotsOf(part: Exclude<TokenPart, { readonly kind: "break" }>): readonly Slot[] {
  const { weight } = part;
  return part.kind === "tokens"
    ? part.ids.map((id) => ({ id, weight }))
    : Array.from({ length: part.vectors }, (_, vector) => ({
        id: PLACEHOLDER,
        weight,
        vector: { name: part.name, vector },
      }));
}

/** A window of the given slots: start, slots, end, padding. Start, end and padding weigh 1. */
export function closeChunk(slots: readonly Slot[], shape: ChunkShape): Chunk {
  const padding = shape.length - 2 - slots.length;
  const ones = (count: number): readonly number[] => new Array<number>(count).fill(1);
  return {
    ids: [shape.start, ...slots.map(({ id }) => id), shape.end, ...new Array<number>(padding).fill(shape.pad)],
    weights: [1, ...slots.map(({ weight }) => weight), ...ones(padding + 1)],
    used: slots.length,
    vectors: slots.flatMap(({ vector }, i) => (vector === undefined ? [] : [{ at: i + 1, ...vector }])),
  };
}

/** The one window that diffusers makes of a prompt: what does not fit is cut off. */
export function truncatedChunk(parts: readonly TokenPart[], shape: ChunkShape): { chunk: Chunk; cut: number } {
  const slots = parts.flatMap((part) => (part.kind === "break" ? [] : slotsOf(part)));
  const kept = slots.slice(0, shape.length - 2);
  return { chunk: closeChunk(kept, shape), cut: slots.length - kept.length };
}
