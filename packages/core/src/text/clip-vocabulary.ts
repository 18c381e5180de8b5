// CLIP's vocabulary in the two files that tokenizers of other libraries are made from: the tokens by id, and the merges in rank order.
import { BYTE_ORDER, CLIP_IDS, END_OF_WORD } from "./clip-tokenizer.js";

export interface ClipVocabulary {
  /** The token of each id: 49,408 of them. */
  readonly tokens: readonly string[];
  /** "left right", the first one ranks highest. */
  readonly merges: readonly string[];
}

/** Bytes that are no printable characters are written as the characters from here on, in their order (Radford et al. 2019). */
const FIRST_STAND_IN = 256;
const WORD_END = "</w>";

/** Loads the merges (260 KB) on first use. */
export async function clipVocabulary(): Promise<ClipVocabulary> {
  const { CLIP_MERGES } = await import("./clip-merges.js");
  const bytes = Uint8Array.from(atob(CLIP_MERGES), (c) => c.charCodeAt(0));
  const view = new DataView(bytes.buffer);
  const { printable, others } = BYTE_ORDER;
  const characters = [
    ...printable.map((byte) => String.fromCharCode(byte)),
    ...others.map((_, i) => String.fromCharCode(FIRST_STAND_IN + i)),
  ];
  const tokens = [...characters, ...characters.map((character) => character + WORD_END)];
  if (characters.length !== END_OF_WORD) throw new RangeError("a byte has no token");
  const merges: string[] = [];
  for (let at = 0; at < bytes.length; at += 4) {
    const [left, right] = [tokens[view.getUint16(at, true)]!, tokens[view.getUint16(at + 2, true)]!];
    merges.push(`${left} ${right}`);
    tokens.push(left + right);
  }
  tokens[CLIP_IDS.start] = "<|startoftext|>";
  tokens[CLIP_IDS.end] = "<|endoftext|>";
  return { tokens, merges };
}
