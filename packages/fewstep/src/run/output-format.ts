// The format of a run's pictures: by the ending of --out. What a format cannot hold is refused before anything is loaded.
import { DEFAULT_QUALITY, FewstepError, type ImageCodec, type PictureCoding, type PictureFormat } from "@fewstep/core";
import { sharpCodec } from "@fewstep/core/node";

const ENDINGS: Readonly<Record<string, PictureFormat>> = {
  ".png": "png",
  ".jpg": "jpeg",
  ".jpeg": "jpeg",
  ".webp": "webp",
};

/** Sides that the formats' own fields can hold: 16 bits of JPEG's frame header, 14 of WebP's. */
const MAX_SIDE: Readonly<Record<PictureFormat, number>> = { png: 2 ** 31 - 1, jpeg: 65_535, webp: 16_383 };

/** How pictures are written. */
export type OutputFormat = { readonly format: "png" } | (PictureCoding & { readonly codec: ImageCodec });

/** Undefined for an ending that is no picture's. */
export function formatOfEnding(ending: string): PictureFormat | undefined {
  const lower = ending.toLowerCase();
  return Object.hasOwn(ENDINGS, lower) ? ENDINGS[lower] : undefined;
}

/** @throws FewstepError `image-codec-missing` without the sharp package; `quality-of-png` */
export async function openFormat(format: PictureFormat, quality: number | undefined): Promise<OutputFormat> {
  if (format !== "png") return { format, quality: quality ?? DEFAULT_QUALITY, codec: await sharpCodec() };
  if (quality === undefined) return { format };
  throw new FewstepError({
    code: "quality-of-png",
    message: "a PNG file has no quality: it holds every pixel as it is",
    found: `--quality ${quality}`,
    hint: "leave --quality out, or let --out end in .jpg or .webp",
  });
}

/** @throws FewstepError `picture-too-large-for-format` */
export function checkFormatSize(
  format: PictureFormat,
  { width, height }: { readonly width: number; readonly height: number },
): void {
  const most = MAX_SIDE[format];
  if (width <= most && height <= most) return;
  throw new FewstepError({
    code: "picture-too-large-for-format",
    message: `the picture is too large for a ${format} file`,
    found: `${width}x${height}`,
    expected: `sides of at most ${most}`,
    hint: "let --out end in .png",
  });
}
