// A generation text as an EXIF block, for JPEG and WebP files, which have no text chunks: a big-endian TIFF header, one directory, the
// Exif directory with a UserComment in UTF-16, as A1111 writes it (EXIF 2.32, 4.6.5).

import { FewstepError } from "../errors.js";

/** A JPEG segment holds 65,533 bytes: the text's share of them, in UTF-16 code units, beside 6 bytes "Exif" and 52 of structure. */
const MAX_UNITS = Math.floor((65_533 - 6 - 52) / 2);

const HEADER = [0x4d, 0x4d, 0, 42, 0, 0, 0, 8];
const DIRECTORY = 18;
const CODE = "UNICODE\0";

/** The TIFF block, without JPEG's "Exif" prefix. Errors: `exif-text-too-large` over 32,737 UTF-16 units, JPEG's limit. */
export function writeExif(comment: string): Uint8Array<ArrayBuffer> {
  if (comment.length > MAX_UNITS) {
    throw new FewstepError({
      code: "exif-text-too-large",
      message: "the text is too large for a JPEG or WebP file",
      found: `${comment.length} UTF-16 units`,
      expected: `at most ${MAX_UNITS}`,
      hint: "save the picture as PNG, which has no such limit",
    });
  }
  const inner = HEADER.length + DIRECTORY;
  const start = inner + DIRECTORY;
  const length = CODE.length + comment.length * 2;
  const block = new Uint8Array(start + length);
  const view = new DataView(block.buffer);
  block.set(HEADER);
  // Tag, type (4: LONG, 7: UNDEFINED), count, value or its place.
  writeDirectory(view, HEADER.length, 0x8769, 4, 1, inner);
  writeDirectory(view, inner, 0x9286, 7, length, start);
  for (let i = 0; i < CODE.length; i++) view.setUint8(start + i, CODE.charCodeAt(i));
  for (let i = 0; i < comment.length; i++) view.setUint16(start + CODE.length + i * 2, comment.charCodeAt(i));
  return block;
}

/** A directory of one tag and no successor. */
function writeDirectory(view: DataView, at: number, tag: number, type: number, count: number, value: number): void {
  view.setUint16(at, 1);
  view.setUint16(at + 2, tag);
  view.setUint16(at + 4, type);
  view.setUint32(at + 6, count);
  view.setUint32(at + 10, value);
  view.setUint32(at + 14, 0);
}
