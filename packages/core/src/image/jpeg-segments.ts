// The EXIF segment of a JPEG file (ISO 10918-1 annex B: markers and lengths up to the start of scan). It decodes no pixels.

import { FewstepError } from "../errors.js";

const START_OF_SCAN = 0xda;
const END_OF_IMAGE = 0xd9;
const APP1 = 0xe1;

/** Markers without a length: TEM and the restart markers. */
function standsAlone(marker: number): boolean {
  return marker === 0x01 || (marker >= 0xd0 && marker <= 0xd7);
}

/** The first APP1 segment that begins with "Exif", prefix included. Never throws: damage is in `faults`. */
export function jpegExif(bytes: Uint8Array): {
  readonly block: Uint8Array | undefined;
  readonly faults: readonly FewstepError[];
} {
  let at = 2;
  while (at + 2 <= bytes.length) {
    if (bytes[at] !== 0xff) return { block: undefined, faults: [broken(`no marker at byte ${at}`)] };
    const marker = bytes[at + 1]!;
    if (marker === 0xff) {
      // Markers may be preceded by any number of fill bytes.
      at++;
      continue;
    }
    if (marker === START_OF_SCAN || marker === END_OF_IMAGE) return { block: undefined, faults: [] };
    if (standsAlone(marker)) {
      at += 2;
      continue;
    }
    const length = at + 4 <= bytes.length ? bytes[at + 2]! * 256 + bytes[at + 3]! : 0;
    if (length < 2 || at + 2 + length > bytes.length) {
      return { block: undefined, faults: [broken(`a segment of ${length} bytes at byte ${at}`)] };
    }
    const segment = bytes.subarray(at + 4, at + 2 + length);
    if (marker === APP1 && String.fromCharCode(...segment.subarray(0, 6)) === "Exif\0\0") {
      return { block: segment, faults: [] };
    }
    at += 2 + length;
  }
  return { block: undefined, faults: [broken("the file ends before the scan")] };
}

function broken(found: string): FewstepError {
  return new FewstepError({
    code: "jpeg-broken",
    message: "the JPEG file is damaged",
    found,
    expected: "segments up to a start of scan",
    hint: "get the file again from its source",
  });
}
