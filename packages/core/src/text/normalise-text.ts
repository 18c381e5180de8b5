// What happens to a text before it is split into words: the two habits of CLIP tokenizers, as functions from string to string.
// `transformers` normalises and lowers case only. `open-clip` first repairs the text as ftfy does; of ftfy this has references, ligatures,
// character width, quotes and control characters, but not its guessing of wrongly decoded text ("Ã©" stays as it is).
import { decodeHtmlReferences } from "./html-references.js";

/** Longest run of combining marks that is put into canonical order whole; real text has under ten, ordering a run is quadratic. */
const MARK_RUN = 256;

/** ftfy's ligatures: what NFC keeps but no font should. */
const LIGATURES: ReadonlyMap<string, string> = new Map([
  ["\u0132", "IJ"],
  ["\u0133", "ij"],
  ["\u0149", "\u02bcn"],
  ["\u01f1", "DZ"],
  ["\u01f2", "Dz"],
  ["\u01f3", "dz"],
  ["\u01c4", "D\u017d"],
  ["\u01c5", "D\u017e"],
  ["\u01c6", "d\u017e"],
  ["\u01c7", "LJ"],
  ["\u01c8", "Lj"],
  ["\u01c9", "lj"],
  ["\u01ca", "NJ"],
  ["\u01cb", "Nj"],
  ["\u01cc", "nj"],
  ["\ufb00", "ff"],
  ["\ufb01", "fi"],
  ["\ufb02", "fl"],
  ["\ufb03", "ffi"],
  ["\ufb04", "ffl"],
  ["\ufb05", "\u017ft"],
  ["\ufb06", "st"],
]);

/** Unicode's canonical composition, in pieces where a hostile run of marks would make it quadratic. */
export function composed(text: string): string {
  const longRun = new RegExp(`\\p{M}{${MARK_RUN}}`, "gu");
  if (!longRun.test(text)) return text.normalize("NFC");
  longRun.lastIndex = 0;
  let out = "";
  let from = 0;
  for (const { index, 0: run } of text.matchAll(longRun)) {
    out += text.slice(from, index + run.length).normalize("NFC");
    from = index + run.length;
  }
  return out + text.slice(from).normalize("NFC");
}

function repaired(text: string): string {
  const references = decodeHtmlReferences(decodeHtmlReferences(text));
  const plain = references
    .replace(/[\u0132\u0133\u0149\u01c4-\u01cc\u01f1-\u01f3\ufb00-\ufb06]/g, (c) => LIGATURES.get(c) ?? c)
    .replace(/[\u3000\uff01-\uffef]/g, (c) => c.normalize("NFKC"))
    .replace(/[\u02bc\u2018-\u201b]/g, "'")
    .replace(/[\u201c-\u201f]/g, '"')
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is removed
    .replace(/[\x00-\x08\x0b\x0e-\x1f\x7f\u206a-\u206f\ufeff\ufff9-\ufffb]/g, "");
  return composed(plain);
}

/** By tokenizer habit. transformers lowers case character by character, so that a final sigma stays "σ"; Python's lower() looks around. */
export const NORMALISERS = {
  transformers: (text: string): string => composed(text).replaceAll("\u03a3", "\u03c3").toLowerCase(),
  "open-clip": (text: string): string => repaired(text).toLowerCase(),
} as const;

export type TextHabit = keyof typeof NORMALISERS;
