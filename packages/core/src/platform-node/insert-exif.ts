// Puts an EXIF block into an encoded JPEG (ISO 10918-1: an APP1 segment first) or WebP (RFC 9649: VP8X chunk, pixels, EXIF chunk).
// Encoders offer EXIF by field names only, which cannot carry a generation text in A1111's form.
import type { PictureSize } from "../image/picture-size.js";

const EXIF_FLAG = 0x08;
const ALPHA_FLAG = 0x10;
const VP8L_ALPHA_BIT = 0x10;

/** `file` must be a still picture without EXIF, as an encoder just made it; `exif` a TIFF block as writeExif makes it. */
export function insertExif(
  file: Uint8Array<ArrayBuffer>,
  format: "jpeg" | "webp",
  exif: Uint8Array,
  size: PictureSize,
): Uint8Array<ArrayBuffer> {
  return format === "jpeg" ? intoJpeg(file, exif) : intoWebp(file, exif, size);
}

function intoJpeg(file: Uint8Array, exif: Uint8Array): Uint8Array<ArrayBuffer> {
  const length = exif.length + 8;
  const head = [0xff, 0xe1, length >> 8, length & 0xff, ...latin("Exif\0\0")];
  return joined([file.subarray(0, 2), head, exif, file.subarray(2)]);
}

function intoWebp(file: Uint8Array, exif: Uint8Array, { width, height }: PictureSize): Uint8Array<ArrayBuffer> {
  const chunks = file.subarray(12);
  const kind = String.fromCharCode(...chunks.subarray(0, 4));
  const flags = kind === "VP8X" ? chunks[8]! : kind === "VP8L" && chunks[12]! & VP8L_ALPHA_BIT ? ALPHA_FLAG : 0;
  const pixels = kind === "VP8X" ? chunks.subarray(18) : chunks;
  const extended = [flags | EXIF_FLAG, 0, 0, 0, ...little(width - 1, 3), ...little(height - 1, 3)];
  const body = joined([latin("WEBP"), chunk("VP8X", extended), pixels, chunk("EXIF", exif)]);
  return joined([latin("RIFF"), little(body.length, 4), body]);
}

function chunk(type: string, data: ArrayLike<number>): Uint8Array<ArrayBuffer> {
  return joined([latin(type), little(data.length, 4), data, data.length % 2 === 1 ? [0] : []]);
}

const latin = (text: string): readonly number[] => Array.from(text, (letter) => letter.charCodeAt(0));
const little = (value: number, bytes: number): readonly number[] =>
  Array.from({ length: bytes }, (_, i) => Math.floor(value / 256 ** i) % 256);

function joined(parts: readonly ArrayLike<number>[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
