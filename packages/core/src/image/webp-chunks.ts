// The EXIF chunk of a WebP file (RIFF container, RFC 9649). It decodes no pixels.

import { FewstepError } from "../errors.js";

/** 65,536 chunks: an animation has one a frame. Refused: files that consist of empty chunks. */
const MAX_CHUNKS = 65_536;

/** The first EXIF chunk. Never throws: damage is in `faults`. */
export function webpExif(bytes: Uint8Array): {
  readonly block: Uint8Array | undefined;
  readonly faults: readonly FewstepError[];
} {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const declared = bytes.length >= 12 ? view.getUint32(4, true) + 8 : 0;
  const end = Math.min(bytes.length, declared);
  const faults = declared > bytes.length ? [broken(`${bytes.length} of ${declared} bytes`)] : [];
  let at = 12;
  for (let count = 0; at + 8 <= end && count < MAX_CHUNKS; count++) {
    const length = view.getUint32(at + 4, true);
    if (length > end - at - 8)
      return { block: undefined, faults: [broken(`a chunk of ${length} bytes at byte ${at}`)] };
    if (String.fromCharCode(...bytes.subarray(at, at + 4)) === "EXIF") {
      return { block: bytes.subarray(at + 8, at + 8 + length), faults };
    }
    // Chunks are padded to an even length.
    at += 8 + length + (length % 2);
  }
  return { block: undefined, faults };
}

function broken(found: string): FewstepError {
  return new FewstepError({
    code: "webp-broken",
    message: "the WebP file is damaged",
    found,
    expected: "a complete RIFF file",
    hint: "get the file again from its source",
  });
}
