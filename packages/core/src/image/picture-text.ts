// All texts in a PNG, JPEG or WebP file, in file order. It does not know what they mean (see metadata/) and decodes no pixels.
// A damaged piece becomes a fault and the rest is still read: one bad checksum must not hide a good prompt.

import { FewstepError } from "../errors.js";
import type { ContainerScan } from "./container-scan.js";
import { type Orientation, readExif } from "./exif.js";
import { scanJpeg } from "./jpeg-segments.js";
import type { PictureSize } from "./picture-size.js";
import { readPngText } from "./png-text-read.js";
import { type PictureFormat, sniffPicture } from "./sniff.js";
import type { TextEntry } from "./text-entry.js";
import { scanWebp } from "./webp-chunks.js";

export type PictureText = {
  readonly format: PictureFormat;
  readonly animated: boolean;
  /** As the file claims it, before any turning; undefined where its header cannot be read. */
  readonly size: PictureSize | undefined;
  readonly entries: readonly TextEntry[];
  readonly orientation: Orientation | undefined;
  /** What could not be read, as errors with codes; empty for a sound file. */
  readonly faults: readonly FewstepError[];
};

/** Reads the texts. Errors: `image-*` if it is no picture, `interrupted`; everything else is a fault. */
export async function readPictureText(
  bytes: Uint8Array<ArrayBuffer>,
  { signal }: { readonly signal?: AbortSignal } = {},
): Promise<PictureText> {
  const { format, animated } = sniffPicture(bytes);
  switch (format) {
    case "png":
      return { format, animated, ...(await readPngText(bytes, signal)) };
    case "jpeg":
      return { format, animated, ...fromScan(scanJpeg(bytes), "jpeg") };
    case "webp":
      return { format, animated, ...fromScan(scanWebp(bytes), "webp") };
    default:
      throw new FewstepError({
        code: "image-format",
        message: "unknown picture format",
        found: format satisfies never,
      });
  }
}

function fromScan(
  { exif, size, faults }: ContainerScan,
  container: "jpeg" | "webp",
): Omit<PictureText, "format" | "animated"> {
  if (exif === undefined) return { entries: [], orientation: undefined, size, faults };
  const block = readExif(exif, container);
  return { ...block, size, faults: [...faults, ...block.faults] };
}
