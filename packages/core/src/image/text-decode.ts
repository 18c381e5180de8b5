// Bytes of unknown or wrongly declared encoding to text. No container: PNG and EXIF say what they know, this decides.

import type { TextEncodingName } from "./text-entry.js";

export type DecodedText = {
  readonly text: string;
  readonly encoding: TextEncodingName;
  /** A byte-order mark stood in front; it is not part of the text. */
  readonly marked: boolean;
};

/**
 * 8-bit text: ASCII, else UTF-8 where the bytes are valid UTF-8, else Latin-1. PNG's tEXt is Latin-1 by its specification, but
 * programs write UTF-8 there, and real Latin-1 text is hardly ever valid UTF-8.
 */
export function decodeBytes(bytes: Uint8Array): DecodedText {
  if (bytes.every((byte) => byte < 0x80)) return { text: latin1(bytes), encoding: "ascii", marked: false };
  const utf8 = decodeUtf8(bytes);
  return utf8 ?? { text: latin1(bytes), encoding: "latin-1", marked: false };
}

/** Strict UTF-8; undefined if the bytes are not. */
export function decodeUtf8(bytes: Uint8Array): DecodedText | undefined {
  const marked = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
  try {
    return { text: new TextDecoder("utf-8", { fatal: true }).decode(bytes), encoding: "utf-8", marked };
  } catch {
    return undefined;
  }
}

/**
 * UTF-16 by its byte-order mark, else in the order in which more code units are ASCII (generation data always has ASCII in it),
 * else in `declared`, the order of the TIFF header. An odd last byte is left out.
 */
export function decodeUtf16(bytes: Uint8Array, declared: "be" | "le"): DecodedText {
  const mark =
    bytes[0] === 0xfe && bytes[1] === 0xff ? "be" : bytes[0] === 0xff && bytes[1] === 0xfe ? "le" : undefined;
  const order = mark ?? likelyOrder(bytes) ?? declared;
  const even = bytes.subarray(0, bytes.length - (bytes.length % 2));
  return {
    text: new TextDecoder(`utf-16${order}`).decode(even),
    encoding: `utf-16${order}`,
    marked: mark !== undefined,
  };
}

/** ISO 8859-1, where TextDecoder("latin1") would be Windows-1252. */
export function latin1(bytes: Uint8Array): string {
  let text = "";
  // In blocks: a call takes only so many arguments.
  for (let at = 0; at < bytes.length; at += 8192) text += String.fromCharCode(...bytes.subarray(at, at + 8192));
  return text;
}

function likelyOrder(bytes: Uint8Array): "be" | "le" | undefined {
  let big = 0;
  let little = 0;
  for (let i = 0; i + 1 < bytes.length; i += 2) {
    if (bytes[i] === 0 && bytes[i + 1]! < 0x80) big++;
    if (bytes[i + 1] === 0 && bytes[i]! < 0x80) little++;
  }
  if (big === little) return undefined;
  return big > little ? "be" : "le";
}
