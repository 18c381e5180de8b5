// What a prompt comes to, as plain JSON: for each stretch of steps and each text encoder the windows to encode and how to weight and mix
// their states. Nothing here needs weights; running it does.
import type { Chunk } from "./chunk.js";
import type { NetworkTag } from "./networks.js";
import type { Weighting } from "./weighting.js";

/** One run of the encoder, and its part in the states of a window. */
export interface Encoding extends Chunk {
  /** Factor of its states; the shares of a window need not add up to 1. */
  readonly share: number;
  /** Places that attention must not see; only compel asks for any. */
  readonly masked: readonly number[];
}

/** The states of one window: the sum of its encodings' weighted states times their shares. */
export type Window = readonly Encoding[];

export interface PromptRange {
  /** Steps count from 1; the range holds from the one before it up to and with this step. */
  readonly lastStep: number;
  /** What is encoded, emphasis still in it. */
  readonly text: string;
  /** For each encoder its windows, to be laid one after the other; as many for each encoder. */
  readonly encoders: readonly (readonly Window[])[];
}

/** One of the prompts joined by AND, with its factor. */
export interface PromptPart {
  readonly weight: number;
  readonly ranges: readonly PromptRange[];
}

/** What was read otherwise than the prompt may have meant it. */
export type PromptNote =
  | { readonly code: "embedding-unknown"; readonly name: string }
  | { readonly code: "tokens-cut"; readonly text: string; readonly cut: number };

export interface PromptPlan {
  readonly grammar: PromptGrammar;
  readonly weighting: Weighting;
  /** The prompt after choices were made. */
  readonly prompt: string;
  readonly networks: readonly NetworkTag[];
  /** At least one; more than one only with AND. */
  readonly parts: readonly PromptPart[];
  readonly notes: readonly PromptNote[];
}

/** Whose rules a prompt is read by; "plain" knows none and cuts at 75 tokens, as diffusers does. */
export type PromptGrammar = "a1111" | "comfyui" | "compel" | "plain";
