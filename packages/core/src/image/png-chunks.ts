// The chunks of a PNG file (PNG specification, third edition, chapter 5), found without trusting a single length.
// It does not inflate anything. Damage is reported as a fault beside what could be read: the reader of pixels is strict, that of text is not.

import { FewstepError } from "../errors.js";
import { crc32 } from "./crc32.js";

export const PNG_SIGNATURE: readonly number[] = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];

/** 65,536 chunks: a 500 MB picture in 8 KiB pixel chunks. Refused: files that consist of empty chunks. */
const MAX_CHUNKS = 65_536;

export type PngChunk = {
  readonly type: string;
  readonly data: Uint8Array<ArrayBuffer>;
  readonly crcMatches: boolean;
};

export type PngScan = {
  /** In file order, up to IEND or to where the file stops making sense; IHDR first if the file has one. */
  readonly chunks: readonly PngChunk[];
  /** Why the scan stopped early, or what is missing: empty for a whole file. */
  readonly faults: readonly FewstepError[];
};

/** Splits a file that begins with the PNG signature into chunks. Never throws. */
export function scanPng(bytes: Uint8Array<ArrayBuffer>): PngScan {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const chunks: PngChunk[] = [];
  const stop = (fault: FewstepError): PngScan => ({ chunks, faults: [fault] });
  let offset = PNG_SIGNATURE.length;
  for (;;) {
    if (offset === bytes.length) return stop(truncated("no IEND chunk", "an IEND chunk at the end"));
    if (chunks.length === MAX_CHUNKS) return stop(pngError("png-chunk-count", "too many chunks", `over ${MAX_CHUNKS}`));
    if (bytes.length - offset < 12) return stop(truncated("a cut chunk header", "12 bytes or more"));
    const length = view.getUint32(offset);
    const type = chunkType(bytes, offset + 4);
    if (type === undefined) {
      return stop(pngError("png-chunk-type", "a chunk name is not four letters", `at byte ${offset + 4}`));
    }
    if (length > bytes.length - offset - 12) {
      return stop(
        truncated(`${type} chunk of ${length} bytes`, `at most the ${bytes.length - offset - 12} that follow`),
      );
    }
    const data = bytes.subarray(offset + 8, offset + 8 + length);
    const crc = view.getUint32(offset + 8 + length);
    chunks.push({ type, data, crcMatches: crc === crc32(bytes.subarray(offset + 4, offset + 8), data) });
    if (type === "IEND") return { chunks, faults: [] };
    offset += length + 12;
  }
}

/** The bytes of one chunk, length and CRC included. `type`: four ASCII letters. */
export function writeChunk(type: string, data: Uint8Array): Uint8Array<ArrayBuffer> {
  const name = Uint8Array.from(type, (letter) => letter.charCodeAt(0));
  const chunk = new Uint8Array(data.length + 12);
  const view = new DataView(chunk.buffer);
  view.setUint32(0, data.length);
  chunk.set(name, 4);
  chunk.set(data, 8);
  view.setUint32(data.length + 8, crc32(name, data));
  return chunk;
}

export function pngError(code: string, message: string, found: string, expected?: string): FewstepError {
  return new FewstepError({
    code,
    message,
    found,
    ...(expected === undefined ? {} : { expected }),
    hint: "the PNG file is damaged or made to mislead: get it again from its source",
  });
}

function truncated(found: string, expected: string): FewstepError {
  return pngError("png-truncated", "the PNG file is cut short", found, expected);
}

function chunkType(bytes: Uint8Array, offset: number): string | undefined {
  let type = "";
  for (let i = offset; i < offset + 4; i++) {
    const letter = bytes[i]!;
    if (!((letter >= 0x41 && letter <= 0x5a) || (letter >= 0x61 && letter <= 0x7a))) return undefined;
    type += String.fromCharCode(letter);
  }
  return type;
}
