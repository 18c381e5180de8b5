// The EXIF segment and the size of a JPEG file (ISO 10918-1 annex B: markers and lengths up to the start of scan). It decodes no pixels.

import { FewstepError } from "../errors.js";
import type { ContainerScan } from "./container-scan.js";

const START_OF_SCAN = 0xda;
const END_OF_IMAGE = 0xd9;
const APP1 = 0xe1;

/** SOF0 to SOF15 without DHT, JPG and DAC, which lie among them. */
const isFrame = (marker: number): boolean => marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);

/** Markers without a length: TEM and the restart markers. */
const standsAlone = (marker: number): boolean => marker === 0x01 || (marker >= 0xd0 && marker <= 0xd7);

/** Finds the first APP1 segment that begins with "Exif" (prefix included) and the size. Never throws: damage is in `faults`. */
export function scanJpeg(bytes: Uint8Array): ContainerScan {
  let exif: Uint8Array | undefined;
  let size: ContainerScan["size"];
  const result = (...faults: readonly FewstepError[]): ContainerScan => ({ exif, size, faults });
  let at = 2;
  while (at + 2 <= bytes.length) {
    if (bytes[at] !== 0xff) return result(broken(`no marker at byte ${at}`));
    const marker = bytes[at + 1]!;
    // Markers may be preceded by any number of fill bytes.
    if (marker === 0xff) {
      at++;
      continue;
    }
    if (marker === START_OF_SCAN || marker === END_OF_IMAGE) return result();
    if (standsAlone(marker)) {
      at += 2;
      continue;
    }
    const length = at + 4 <= bytes.length ? bytes[at + 2]! * 256 + bytes[at + 3]! : 0;
    if (length < 2 || at + 2 + length > bytes.length) {
      return result(broken(`a segment of ${length} bytes at byte ${at}`));
    }
    const segment = bytes.subarray(at + 4, at + 2 + length);
    if (marker === APP1 && String.fromCharCode(...segment.subarray(0, 6)) === "Exif\0\0") exif ??= segment;
    if (isFrame(marker) && segment.length >= 5) {
      size ??= { width: segment[3]! * 256 + segment[4]!, height: segment[1]! * 256 + segment[2]! };
    }
    at += 2 + length;
  }
  return result(broken("the file ends before the scan"));
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
