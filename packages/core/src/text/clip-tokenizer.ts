// CLIP's tokenizer (Radford et al., 2021): normalise, split into words, byte-pair encode. Gives bare ids: start, end and padding are
// added by whoever makes chunks. Two habits that differ on the same prompt: transformers' and open_clip's.
import { type MergeTable, mergePairs, mergeTable } from "./byte-pair.js";
import { NORMALISERS, type TextHabit } from "./normalise-text.js";

/** Ids that CLIP fixes. */
export const CLIP_IDS = { start: 49406, end: 49407, comma: 267 } as const;

export interface Tokenizer {
  readonly habit: TextHabit;
  /** Ids of a text without start, end or padding. Linear up to a logarithm; never throws: any string is text, lone surrogates are U+FFFD. */
  encode(text: string): readonly number[];
}

export interface TokenizerOptions {
  /** "transformers" (default): no repair, `<|endoftext|>` is the token. "open-clip": repaired as by ftfy, `<|endoftext|>` is text. */
  readonly habit?: TextHabit;
  /**
   * transformers also takes a tokenizer's pad token out of the text. In those that pad with "!" (SD2's and the second of SDXL, as diffusers
   * runs them) every "!" is then the bare byte, id 0. Default false: what the original programs do. Without effect on "open-clip".
   */
  readonly bangIsPad?: boolean;
}

/** "!" inside a word; OpenCLIP's padding. */
const BANG = 0;

/** open_clip ignores case here too, where "ſ" is an s. Digits stand alone, whatever is no letter, digit or blank runs together. */
const WORD = String.raw`'s|'t|'re|'ve|'m|'ll|'d|\p{L}+|\p{N}|[^\p{White_Space}\p{L}\p{N}]+`;
const WORD_FLAGS: Readonly<Record<TextHabit, string>> = { transformers: "gu", "open-clip": "giu" };

interface Specials {
  readonly split: RegExp;
  readonly ids: ReadonlyMap<string, number>;
}

/** Tokens that a text may name, taken out before it is split into words. */
function specialsOf({ habit = "transformers", bangIsPad = false }: TokenizerOptions): Specials {
  // matches nowhere: to open_clip they are text
  if (habit === "open-clip") return { split: /(?!)/, ids: new Map() };
  return {
    split: bangIsPad ? /(<\|(?:start|end)oftext\|>|!)/ : /(<\|(?:start|end)oftext\|>)/,
    ids: new Map([
      ["<|startoftext|>", CLIP_IDS.start],
      ["<|endoftext|>", CLIP_IDS.end],
      ...(bangIsPad ? [["!", BANG] as const] : []),
    ]),
  };
}

/** Bytes in the order of their ids: printable Latin-1, then the others. */
export const BYTE_ORDER: { readonly printable: readonly number[]; readonly others: readonly number[] } = (() => {
  const printable = (byte: number): boolean => (byte > 32 && byte < 127) || (byte > 160 && byte !== 173);
  const bytes = Array.from({ length: 256 }, (_, byte) => byte);
  return { printable: bytes.filter(printable), others: bytes.filter((byte) => !printable(byte)) };
})();
/** Id of each byte inside a word. */
const BYTE_IDS: readonly number[] = (() => {
  const order = [...BYTE_ORDER.printable, ...BYTE_ORDER.others];
  return order.map((_, byte) => order.indexOf(byte));
})();
/** Added to the id of a word's last byte. */
export const END_OF_WORD = 256;

function wordIds(bytes: Uint8Array, table: MergeTable): readonly number[] {
  const symbols = Array.from(bytes, (byte) => BYTE_IDS[byte]!);
  symbols[symbols.length - 1]! += END_OF_WORD;
  return mergePairs(symbols, table);
}

/** A tokenizer over a merge list in the form of clip-merges.ts: base64 of u16 pairs. */
export function clipTokenizer(merges: string, options: TokenizerOptions = {}): Tokenizer {
  const table = mergeTable(Uint8Array.from(atob(merges), (c) => c.charCodeAt(0)));
  const habit = options.habit ?? "transformers";
  const specials = specialsOf(options);
  return {
    habit,
    encode(text) {
      const encoder = new TextEncoder();
      const known = new Map<string, readonly number[]>();
      const ids: number[] = [];
      for (const piece of NORMALISERS[habit](text).split(specials.split)) {
        const special = specials.ids.get(piece);
        if (special !== undefined) {
          ids.push(special);
          continue;
        }
        for (const [word] of piece.matchAll(new RegExp(WORD, WORD_FLAGS[habit]))) {
          const found = known.get(word) ?? wordIds(encoder.encode(word), table);
          known.set(word, found);
          for (const id of found) ids.push(id);
        }
      }
      return ids;
    },
  };
}

/** CLIP's tokenizer with its own vocabulary (260 KB, loaded on first use so that a page that tokenizes nothing does not fetch it). */
export async function loadClipTokenizer(options: TokenizerOptions = {}): Promise<Tokenizer> {
  const { CLIP_MERGES } = await import("./clip-merges.js");
  return clipTokenizer(CLIP_MERGES, options);
}
