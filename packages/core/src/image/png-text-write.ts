// Text to PNG text chunks: tEXt for ASCII, iTXt (UTF-8, not compressed) for everything else, so that no reader has to guess an encoding.

import { FewstepError } from "../errors.js";
import { writeChunk } from "./png-chunks.js";

export type PngText = { readonly keyword: string; readonly text: string };

/** The chunk of one text. Errors: `png-keyword` (1 to 79 printable ASCII letters), `png-text` (a NUL, or half a surrogate pair). */
export function writePngText({ keyword, text }: PngText): Uint8Array<ArrayBuffer> {
  if (!/^[!-~](?:[ -~]{0,77}[!-~])?$/.test(keyword) || keyword.includes("  ")) {
    throw new FewstepError({
      code: "png-keyword",
      message: "not a PNG text keyword",
      found: JSON.stringify(keyword.slice(0, 100)),
      expected: "1 to 79 printable ASCII characters without leading, trailing or double spaces",
    });
  }
  const bytes = new TextEncoder().encode(text);
  const wellFormed = new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes) === text;
  if (text.includes("\0") || !wellFormed) {
    throw new FewstepError({
      code: "png-text",
      message: `the text "${keyword}" cannot be stored in a PNG file`,
      found: text.includes("\0") ? "a NUL character" : "half of a surrogate pair",
      expected: "well-formed Unicode text without NUL",
    });
  }
  const ascii = bytes.every((byte) => byte < 0x80);
  // tEXt: keyword, NUL, text. iTXt: keyword, NUL, compressed 0, method 0, language NUL, translated keyword NUL, text.
  const head = new TextEncoder().encode(ascii ? `${keyword}\0` : `${keyword}\0\0\0\0\0`);
  const data = new Uint8Array(head.length + bytes.length);
  data.set(head);
  data.set(bytes, head.length);
  return writeChunk(ascii ? "tEXt" : "iTXt", data);
}
