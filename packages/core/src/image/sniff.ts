// What kind of picture some bytes are, by their magic numbers and never by a file name. It decodes nothing.
// Formats that fewstep does not read are refused by their own name, so that the user learns what the file really is.

import { FewstepError } from "../errors.js";
import { PNG_SIGNATURE } from "./png-chunks.js";

export type PictureFormat = "png" | "jpeg" | "webp";

export type PictureKind = { readonly format: PictureFormat; readonly animated: boolean };

/** 64 MiB a file: an uncompressed 4096 x 4096 RGBA picture. Refused: uploads meant to fill the memory. */
export const MAX_PICTURE_BYTES = 64 * 1024 * 1024;

/** How far into the file the mark of an animation may stand; both formats put it right behind the header. */
const ANIMATION_SEARCH_BYTES = 65_536;

type Signature = { readonly name: string; readonly at: number; readonly bytes: readonly number[] };

const ascii = (text: string): readonly number[] => Array.from(text, (letter) => letter.charCodeAt(0));

const REFUSED: readonly Signature[] = [
  { name: "a GIF picture", at: 0, bytes: ascii("GIF8") },
  { name: "a BMP picture", at: 0, bytes: ascii("BM") },
  { name: "a TIFF picture", at: 0, bytes: [0x49, 0x49, 0x2a, 0x00] },
  { name: "a TIFF picture", at: 0, bytes: [0x4d, 0x4d, 0x00, 0x2a] },
  { name: "a JPEG XL picture", at: 0, bytes: [0xff, 0x0a] },
  { name: "a JPEG XL picture", at: 4, bytes: ascii("JXL ") },
  { name: "an icon file", at: 0, bytes: [0x00, 0x00, 0x01, 0x00] },
  { name: "a Photoshop file", at: 0, bytes: ascii("8BPS") },
  { name: "a PDF document", at: 0, bytes: ascii("%PDF") },
  { name: "a zip archive", at: 0, bytes: ascii("PK\x03\x04") },
  { name: "gzip data", at: 0, bytes: [0x1f, 0x8b] },
];

/** The brand behind `ftyp` in an ISO media file. */
const MEDIA_BRANDS: { readonly [brand: string]: string } = {
  avif: "an AVIF picture",
  avis: "an animated AVIF picture",
  heic: "a HEIC picture",
  heix: "a HEIC picture",
  hevc: "an animated HEIC picture",
  mif1: "a HEIF picture",
  msf1: "an animated HEIF picture",
};

/** Names the picture format. Errors: `image-empty`, `image-too-large`, `image-format` with the name of what the file is. */
export function sniffPicture(bytes: Uint8Array): PictureKind {
  if (bytes.length === 0) throw refuse("image-empty", "the file is empty", "0 bytes");
  if (bytes.length > MAX_PICTURE_BYTES) {
    throw refuse(
      "image-too-large",
      "the picture file is too large",
      `${bytes.length} bytes`,
      `at most ${MAX_PICTURE_BYTES}`,
    );
  }
  if (startsWith(bytes, 0, PNG_SIGNATURE)) return { format: "png", animated: hasPngAnimation(bytes) };
  if (startsWith(bytes, 0, [0xff, 0xd8, 0xff])) return { format: "jpeg", animated: false };
  if (startsWith(bytes, 0, ascii("RIFF")) && startsWith(bytes, 8, ascii("WEBP"))) {
    // The extended header is always the first chunk; bit 1 of its flags says "animation" (WebP container specification).
    return { format: "webp", animated: startsWith(bytes, 12, ascii("VP8X")) && ((bytes[20] ?? 0) & 2) !== 0 };
  }
  throw refuse("image-format", "not a picture that can be read", nameOf(bytes));
}

/** Errors: `image-format` if the picture is of another format, as with a JPEG named `.png`. */
export function requireFormat({ format }: PictureKind, wanted: PictureFormat): void {
  if (format !== wanted)
    throw refuse("image-format", `not a ${wanted} file`, `a ${format} picture`, `a ${wanted} picture`);
}

/** Errors: `image-animated`. */
export function requireStill({ format, animated }: PictureKind): void {
  if (animated) throw refuse("image-animated", "the picture is animated", `an animated ${format}`, "a still picture");
}

function refuse(code: string, message: string, found: string, expected = "a PNG, JPEG or WebP picture"): FewstepError {
  return new FewstepError({
    code,
    message,
    found,
    expected,
    hint: "save it as a still PNG, JPEG or WebP and try again",
  });
}

function nameOf(bytes: Uint8Array): string {
  const known = REFUSED.find((signature) => startsWith(bytes, signature.at, signature.bytes));
  if (known !== undefined) return known.name;
  if (startsWith(bytes, 4, ascii("ftyp"))) {
    const brand = String.fromCharCode(...bytes.subarray(8, 12));
    return MEDIA_BRANDS[brand] ?? "a film or other ISO media file";
  }
  const start = new TextDecoder("utf-8").decode(bytes.subarray(0, 1024)).trimStart().toLowerCase();
  if (start.startsWith("<")) return start.includes("<svg") ? "an SVG drawing" : "an HTML or XML page";
  if (start.startsWith("{") || start.startsWith("[")) return "JSON text";
  return "unknown bytes";
}

function startsWith(bytes: Uint8Array, at: number, wanted: readonly number[]): boolean {
  return wanted.every((byte, i) => bytes[at + i] === byte);
}

/** acTL must stand before the first IDAT (PNG specification 11.3.6.1). */
function hasPngAnimation(bytes: Uint8Array): boolean {
  const end = Math.min(bytes.length, ANIMATION_SEARCH_BYTES);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = PNG_SIGNATURE.length; at + 8 <= end; at += view.getUint32(at) + 12) {
    if (startsWith(bytes, at + 4, ascii("acTL"))) return true;
    if (startsWith(bytes, at + 4, ascii("IDAT"))) return false;
  }
  return false;
}
