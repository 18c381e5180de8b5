// The EXIF chunk and the size of a WebP file (RIFF container, RFC 9649). It decodes no pixels.

import { FewstepError } from "../errors.js";
import type { ContainerScan } from "./container-scan.js";

/** 65,536 chunks: an animation has one a frame. Refused: files that consist of empty chunks. */
const MAX_CHUNKS = 65_536;

/** Finds the first EXIF chunk and the size. Never throws: damage is in `faults`. */
export function scanWebp(bytes: Uint8Array): ContainerScan {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const declared = bytes.length >= 12 ? view.getUint32(4, true) + 8 : 0;
  const end = Math.min(bytes.length, declared);
  const faults = declared > bytes.length ? [broken(`${bytes.length} of ${declared} bytes`)] : [];
  let exif: Uint8Array | undefined;
  let size: ContainerScan["size"];
  let at = 12;
  for (let count = 0; at + 8 <= end && count < MAX_CHUNKS; count++) {
    const length = view.getUint32(at + 4, true);
    if (length > end - at - 8) {
      return { exif, size, faults: [...faults, broken(`a chunk of ${length} bytes at byte ${at}`)] };
    }
    const type = String.fromCharCode(...bytes.subarray(at, at + 4));
    const data = bytes.subarray(at + 8, at + 8 + length);
    if (type === "EXIF") exif ??= data;
    size ??= SIZES.get(type)?.(data);
    // Chunks are padded to an even length.
    at += 8 + length + (length % 2);
  }
  return { exif, size, faults };
}

const little = (data: Uint8Array, at: number, bytes: number): number => {
  let value = 0;
  for (let i = bytes - 1; i >= 0; i--) value = value * 256 + (data[at + i] ?? 0);
  return value;
};

/** Where each kind of chunk keeps the size: of the canvas (VP8X), of a lossless and of a lossy picture. */
const SIZES: ReadonlyMap<string, (data: Uint8Array) => ContainerScan["size"]> = new Map([
  ["VP8X", (data: Uint8Array) => ({ width: little(data, 4, 3) + 1, height: little(data, 7, 3) + 1 })],
  [
    "VP8L",
    (data: Uint8Array) => ({
      width: (little(data, 1, 4) % 0x4000) + 1,
      height: (Math.floor(little(data, 1, 4) / 0x4000) % 0x4000) + 1,
    }),
  ],
  ["VP8 ", (data: Uint8Array) => ({ width: little(data, 6, 2) % 0x4000, height: little(data, 8, 2) % 0x4000 })],
]);

function broken(found: string): FewstepError {
  return new FewstepError({
    code: "webp-broken",
    message: "the WebP file is damaged",
    found,
    expected: "a complete RIFF file",
    hint: "get the file again from its source",
  });
}
