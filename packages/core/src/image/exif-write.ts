// Texts as an EXIF block, for JPEG and WebP files, which have no text chunks: a big-endian TIFF header, one directory, and the Exif
// directory with a generation text as UserComment in UTF-16, as A1111 writes it, and fewstep's own as MakerNote in UTF-8, which is the
// place for what only the maker reads (EXIF 2.32, 4.6.5).
import { FewstepError } from "../errors.js";
import type { PictureFormat } from "./sniff.js";
import { MAX_TEXT_BYTES } from "./text-entry.js";

export interface ExifTexts {
  /** For other programs: A1111's generation text. */
  readonly comment?: string;
  /** fewstep's own text. */
  readonly own?: string;
}

/** What a block may hold: a JPEG segment's 65,533 bytes less 6 for "Exif"; in WebP what readers take of a text. */
export const EXIF_BYTES: Readonly<Record<Exclude<PictureFormat, "png">, number>> = {
  jpeg: 65_533 - 6,
  webp: MAX_TEXT_BYTES,
};

/** How a MakerNote of fewstep's begins, a zero behind it; the keyword of its text, as in PNG. */
export const MAKER = "fewstep";

const HEADER = [0x4d, 0x4d, 0, 42, 0, 0, 0, 8];
const CODE = "UNICODE\0";
const MAKER_NOTE = 0x927c;
const USER_COMMENT = 0x9286;
const EXIF_DIRECTORY = 0x8769;
/** Types of tags. */
const LONG = 4;
const UNDEFINED = 7;

/** The TIFF block, without JPEG's "Exif" prefix. Errors: `exif-text-too-large` over `most` bytes, by default what a JPEG holds. */
export function writeExif({ comment, own }: ExifTexts, most: number = EXIF_BYTES.jpeg): Uint8Array<ArrayBuffer> {
  // in the order of their numbers
  const values = [
    ...(own === undefined ? [] : [{ tag: MAKER_NOTE, bytes: new TextEncoder().encode(`${MAKER}\0${own}`) }]),
    ...(comment === undefined ? [] : [{ tag: USER_COMMENT, bytes: commentBytes(comment) }]),
  ];
  const inner = HEADER.length + directoryBytes(1);
  const start = inner + directoryBytes(values.length);
  const length = values.reduce((end, { bytes }) => even(end + bytes.length), start);
  if (length > most) throw tooLarge(length, most);
  const block = new Uint8Array(length);
  const view = new DataView(block.buffer);
  block.set(HEADER);
  writeDirectory(view, HEADER.length, [{ tag: EXIF_DIRECTORY, type: LONG, count: 1, value: inner }]);
  let at = start;
  const entries: Entry[] = [];
  for (const { tag, bytes } of values) {
    entries.push({ tag, type: UNDEFINED, count: bytes.length, value: at });
    block.set(bytes, at);
    at = even(at + bytes.length);
  }
  writeDirectory(view, inner, entries);
  return block;
}

function commentBytes(comment: string): Uint8Array {
  const bytes = new Uint8Array(CODE.length + comment.length * 2);
  const view = new DataView(bytes.buffer);
  for (let i = 0; i < CODE.length; i++) view.setUint8(i, CODE.charCodeAt(i));
  for (let i = 0; i < comment.length; i++) view.setUint16(CODE.length + i * 2, comment.charCodeAt(i));
  return bytes;
}

/** Values begin at even places. */
const even = (place: number): number => place + (place % 2);

interface Entry {
  readonly tag: number;
  readonly type: number;
  readonly count: number;
  /** Or its place. All here are longer than the 4 bytes that would stand in the entry itself. */
  readonly value: number;
}

const directoryBytes = (entries: number): number => 2 + entries * 12 + 4;

/** A directory without a successor. */
function writeDirectory(view: DataView, at: number, entries: readonly Entry[]): void {
  view.setUint16(at, entries.length);
  for (const [i, { tag, type, count, value }] of entries.entries()) {
    const entry = at + 2 + i * 12;
    view.setUint16(entry, tag);
    view.setUint16(entry + 2, type);
    view.setUint32(entry + 4, count);
    view.setUint32(entry + 8, value);
  }
}

function tooLarge(found: number, most: number): FewstepError {
  return new FewstepError({
    code: "exif-text-too-large",
    message: "the text is too large for a JPEG or WebP file",
    found: `${found} bytes of EXIF`,
    expected: `at most ${most}`,
    hint: "save the picture as PNG, which has no such limit",
  });
}
