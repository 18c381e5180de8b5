// Textual inversions (Gal et al., 2022) named in a prompt: which places of the token sequence their vectors take. Knows names and
// vector counts only; the vectors are looked up by whoever feeds the encoder.
import type { TokenPart } from "./chunk.js";
import type { Tokenizer } from "./clip-tokenizer.js";
import type { WeightedText } from "./weighted-text.js";

/** Name -> number of vectors, of the textual inversions that one encoder has. */
export type EmbeddingCounts = ReadonlyMap<string, number>;

interface Spelled {
  readonly ids: readonly number[];
  readonly name: string;
  readonly vectors: number;
}

/** The names by their first token, longest first: how AUTOMATIC1111's webui finds them in running text, in any case. */
export type SpelledEmbeddings = ReadonlyMap<number, readonly Spelled[]>;

export function spellEmbeddings(counts: EmbeddingCounts, tokenizer: Tokenizer): SpelledEmbeddings {
  const byFirst = new Map<number, Spelled[]>();
  for (const [name, vectors] of counts) {
    const ids = tokenizer.encode(name);
    const first = ids[0];
    if (first === undefined) continue;
    const known = byFirst.get(first);
    if (known === undefined) byFirst.set(first, [{ ids, name, vectors }]);
    else known.push({ ids, name, vectors });
  }
  for (const spelled of byFirst.values()) spelled.sort((a, b) => b.ids.length - a.ids.length);
  return byFirst;
}

/** The parts of a text whose tokens spell names of textual inversions. */
export function a1111Parts(ids: readonly number[], weight: number, spelled: SpelledEmbeddings): readonly TokenPart[] {
  const parts: TokenPart[] = [];
  let run: number[] = [];
  const flush = (): void => {
    if (run.length > 0) parts.push({ kind: "tokens", ids: run, weight });
    run = [];
  };
  for (let at = 0; at < ids.length; ) {
    const found = spelled.get(ids[at]!)?.find((one) => one.ids.every((id, i) => ids[at + i] === id));
    if (found === undefined) run.push(ids[at++]!);
    else {
      flush();
      parts.push({ kind: "embedding", name: found.name, vectors: found.vectors, weight });
      at += found.ids.length;
    }
  }
  flush();
  return parts;
}

const MARK = "embedding:";

/**
 * The parts of a weighted text in which `embedding:name` names a textual inversion, ComfyUI's way: at the beginning of a word, the name
 * up to the next blank, without commas at its end if it is not known with them. Names that are not known come back in `unknown`.
 */
export function comfyuiParts(
  { text, weight }: WeightedText,
  tokenizer: Tokenizer,
  counts: EmbeddingCounts,
): { readonly parts: readonly TokenPart[]; readonly unknown: readonly string[] } {
  const parts: TokenPart[] = [];
  const unknown: string[] = [];
  const tokens = (words: string): void => {
    if (words !== "") parts.push({ kind: "tokens", ids: tokenizer.encode(words), weight });
  };
  for (const piece of text.split(/[ \n](?=embedding:)/)) {
    if (!piece.startsWith(MARK)) {
      tokens(piece);
      continue;
    }
    const [written = "", ...rest] = piece.slice(MARK.length).split(/\s+/);
    const bare = written.replace(/,{1,64}$/, "");
    const name = counts.has(written) ? written : bare;
    const vectors = counts.get(name);
    if (vectors === undefined) {
      unknown.push(written);
      tokens(rest.join(" "));
      continue;
    }
    parts.push({ kind: "embedding", name, vectors, weight });
    tokens([name === written ? "" : written.slice(name.length), ...rest].filter((word) => word !== "").join(" "));
  }
  return { parts, unknown };
}
