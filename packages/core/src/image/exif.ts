// The texts and the orientation in an EXIF block: a TIFF header, its first directory and the Exif directory (EXIF 2.32, TIFF 6.0).
// Other directories are not followed, so a block cannot loop; every offset and length is checked against the block.

import { FewstepError } from "../errors.js";
import { MAKER } from "./exif-write.js";
import { type DecodedText, decodeBytes, decodeUtf16 } from "./text-decode.js";
import { type ExifTextPlace, MAX_TEXT_BYTES, type TextEntry } from "./text-entry.js";

/** 1 (upright) to 8, as EXIF numbers them. */
export type Orientation = 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8;

export type ExifBlock = {
  readonly entries: readonly TextEntry[];
  readonly orientation: Orientation | undefined;
  readonly faults: readonly FewstepError[];
};

/** 512 tags a directory: cameras write fewer than 100. Refused: directories that claim 65,535. */
const MAX_TAGS = 512;

const EXIF_DIRECTORY = 0x8769;
const ORIENTATION = 0x0112;
const MAKER_NOTE = 0x927c;
const USER_COMMENT = 0x9286;
const TEXT_TAGS: ReadonlyMap<number, string> = new Map([
  [0x010e, "ImageDescription"],
  [0x010f, "Make"],
  [0x0110, "Model"],
  [0x0131, "Software"],
  [USER_COMMENT, "UserComment"],
]);

/** Bytes of one value of the TIFF types that occur here: BYTE, ASCII, SHORT, LONG, UNDEFINED, UTF-8. */
const TYPE_BYTES: ReadonlyMap<number, number> = new Map([
  [1, 1],
  [2, 1],
  [3, 2],
  [4, 4],
  [7, 1],
  [129, 1],
]);

type Tag = { readonly tag: number; readonly bytes: Uint8Array; readonly number: number };

/** Reads a TIFF block, with or without JPEG's "Exif" prefix. Never throws: damage is in `faults`. */
export function readExif(block: Uint8Array, container: ExifTextPlace["container"]): ExifBlock {
  const bytes = String.fromCharCode(...block.subarray(0, 4)) === "Exif" ? block.subarray(6) : block;
  const mark = String.fromCharCode(...bytes.subarray(0, 2));
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const little = mark === "II";
  if (bytes.length < 8 || !(little || mark === "MM") || view.getUint16(2, little) !== 42) {
    return { entries: [], orientation: undefined, faults: [broken("no TIFF header")] };
  }
  const faults: FewstepError[] = [];
  const tags = readDirectory(view, view.getUint32(4, little), little, faults);
  const deeper = tags.find(({ tag }) => tag === EXIF_DIRECTORY);
  if (deeper !== undefined) tags.push(...readDirectory(view, deeper.number, little, faults));
  const entries: TextEntry[] = [];
  const byteOrder = little ? "le" : "be";
  for (const [tag, keyword] of TEXT_TAGS) {
    const value = tags.find((candidate) => candidate.tag === tag);
    if (value === undefined) continue;
    if (value.bytes.length > MAX_TEXT_BYTES) {
      faults.push(broken(`${keyword} of ${value.bytes.length} bytes`));
      continue;
    }
    const { code, decoded } = tag === USER_COMMENT ? readComment(value.bytes, byteOrder) : readPlain(value.bytes);
    const { encoding, marked } = decoded;
    const place = { container, chunk: "exif", byteOrder, code, encoding, marked } as const;
    entries.push({ keyword, text: decoded.text.replace(/\0[\0 ]*$/, ""), place });
  }
  const own = ownText(tags, faults);
  if (own !== undefined) {
    const { text, encoding, marked } = own;
    entries.push({ keyword: MAKER, text, place: { container, chunk: "exif", byteOrder, code: "", encoding, marked } });
  }
  const turn = tags.find(({ tag }) => tag === ORIENTATION)?.number;
  return { entries, orientation: isOrientation(turn) ? turn : undefined, faults };
}

function readDirectory(view: DataView, offset: number, little: boolean, faults: FewstepError[]): Tag[] {
  if (offset + 2 > view.byteLength) {
    faults.push(broken(`a directory at byte ${offset} of ${view.byteLength}`));
    return [];
  }
  const count = view.getUint16(offset, little);
  if (count > MAX_TAGS || offset + 2 + count * 12 > view.byteLength) {
    faults.push(broken(`a directory of ${count} tags at byte ${offset}`));
    return [];
  }
  const tags: Tag[] = [];
  for (let at = offset + 2; at < offset + 2 + count * 12; at += 12) {
    const [tag, type] = [view.getUint16(at, little), view.getUint16(at + 2, little)];
    const size = (TYPE_BYTES.get(type) ?? 0) * view.getUint32(at + 4, little);
    if (size === 0) continue;
    const start = size <= 4 ? at + 8 : view.getUint32(at + 8, little);
    if (start + size > view.byteLength) {
      faults.push(broken(`tag ${tag.toString(16)} of ${size} bytes at byte ${start}`));
      continue;
    }
    const number = type === 3 ? view.getUint16(start, little) : type === 4 ? view.getUint32(start, little) : 0;
    tags.push({ tag, bytes: new Uint8Array(view.buffer, view.byteOffset + start, size), number });
  }
  return tags;
}

/** A UserComment is text behind eight bytes that name its encoding; "undefined" (zeros) holds UTF-8 in practice. */
function readComment(bytes: Uint8Array, byteOrder: "be" | "le"): { code: string; decoded: DecodedText } {
  const code = String.fromCharCode(...bytes.subarray(0, 8)).replace(/[\0 ]+$/, "");
  const text = bytes.subarray(8);
  if (code === "UNICODE") return { code, decoded: decodeUtf16(text, byteOrder) };
  if (code === "ASCII" || code === "") return { code, decoded: decodeBytes(text) };
  // No code at all: the text begins at once.
  return { code: "", decoded: decodeBytes(bytes) };
}

/** A MakerNote is its maker's alone: those of cameras are no texts. */
function ownText(tags: readonly Tag[], faults: FewstepError[]): DecodedText | undefined {
  const bytes = tags.find(({ tag }) => tag === MAKER_NOTE)?.bytes;
  const start = MAKER.length + 1;
  if (bytes === undefined || String.fromCharCode(...bytes.subarray(0, start)) !== `${MAKER}\0`) return undefined;
  if (bytes.length - start <= MAX_TEXT_BYTES) return decodeBytes(bytes.subarray(start));
  faults.push(broken(`a text of ${bytes.length} bytes`));
  return undefined;
}

function readPlain(bytes: Uint8Array): { code: string; decoded: DecodedText } {
  return { code: "", decoded: decodeBytes(bytes) };
}

function isOrientation(value: number | undefined): value is Orientation {
  return value !== undefined && value >= 1 && value <= 8;
}

function broken(found: string): FewstepError {
  return new FewstepError({
    code: "exif-broken",
    message: "the EXIF block is damaged",
    found,
    expected: "a TIFF block whose offsets lie inside it",
    hint: "the picture itself may be fine; its text cannot be trusted",
  });
}
