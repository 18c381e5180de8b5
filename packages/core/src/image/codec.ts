// What fewstep asks of a JPEG and WebP codec. The codec itself belongs to the platform (an image library in Node, the canvas in a
// browser); PNG needs none. Whoever implements this guards the limits that are passed in.

import { FewstepError } from "../errors.js";
import { scanJpeg } from "./jpeg-segments.js";
import { checkPictureSize, MAX_PIXELS } from "./picture-size.js";
import { checkPixels, type Pixels } from "./pixels.js";
import { decodePng } from "./png-decode.js";
import { encodePng } from "./png-encode.js";
import { pngOrientation } from "./png-text-read.js";
import type { PngText } from "./png-text-write.js";
import { type PictureFormat, requireStill, sniffPicture } from "./sniff.js";
import { upright } from "./upright.js";
import { scanWebp } from "./webp-chunks.js";

/** Of JPEG and WebP, where none is asked for. */
export const DEFAULT_QUALITY = 90;

export type DecodeLimits = {
  /** Refuse larger pictures before decoding them. */
  readonly maxPixels: number;
  readonly signal?: AbortSignal;
};

export type EncodeOptions = {
  /** 1 (small) to 100 (best). */
  readonly quality: number;
  /** A TIFF block to store as EXIF, without the "Exif" prefix of JPEG. */
  readonly exif?: Uint8Array<ArrayBuffer>;
  readonly signal?: AbortSignal;
};

/** Pixels of JPEG and WebP, both ways. */
export interface ImageCodec {
  /** Decodes a still picture, turned upright by its EXIF orientation. Throws FewstepError for damaged or too large files. */
  decode(bytes: Uint8Array<ArrayBuffer>, format: "jpeg" | "webp", limits: DecodeLimits): Promise<Pixels>;
  encode(pixels: Pixels, format: "jpeg" | "webp", options: EncodeOptions): Promise<Uint8Array<ArrayBuffer>>;
}

/**
 * Decodes a still PNG, JPEG or WebP by its magic number, turned upright by its EXIF orientation. Errors: `image-*`, `png-*`, `image-codec-missing` for JPEG and WebP without
 * a codec, and what the codec throws.
 */
export async function decodePicture(
  bytes: Uint8Array<ArrayBuffer>,
  {
    codec,
    maxPixels = MAX_PIXELS,
    signal,
  }: { readonly codec?: ImageCodec; readonly maxPixels?: number; readonly signal?: AbortSignal } = {},
): Promise<Pixels> {
  const kind = sniffPicture(bytes);
  requireStill(kind);
  const limits = { maxPixels, ...(signal === undefined ? {} : { signal }) };
  if (kind.format === "png") return upright(await decodePng(bytes, limits), pngOrientation(bytes));
  const { size } = kind.format === "jpeg" ? scanJpeg(bytes) : scanWebp(bytes);
  if (size !== undefined) checkPictureSize(size, maxPixels);
  const pixels = await requireCodec(codec, kind.format).decode(bytes, kind.format, limits);
  checkPixels(pixels);
  checkPictureSize(pixels, maxPixels);
  return pixels;
}

/** Encodes pixels. Texts go into PNG files; JPEG and WebP carry `exif`. Errors as for `decodePicture`; `image-quality`. */
export async function encodePicture(
  pixels: Pixels,
  format: PictureFormat,
  {
    codec,
    texts = [],
    quality = DEFAULT_QUALITY,
    exif,
    signal,
  }: Partial<EncodeOptions> & { readonly codec?: ImageCodec; readonly texts?: readonly PngText[] } = {},
): Promise<Uint8Array<ArrayBuffer>> {
  const abort = signal === undefined ? {} : { signal };
  if (format === "png") return encodePng(pixels, { texts, ...abort });
  if (!(quality >= 1 && quality <= 100)) {
    throw new FewstepError({
      code: "image-quality",
      message: "not a picture quality",
      found: String(quality),
      expected: "a number from 1 to 100",
    });
  }
  checkPixels(pixels);
  return requireCodec(codec, format).encode(pixels, format, {
    quality,
    ...(exif === undefined ? {} : { exif }),
    ...abort,
  });
}

function requireCodec(codec: ImageCodec | undefined, format: string): ImageCodec {
  if (codec !== undefined) return codec;
  throw new FewstepError({
    code: "image-codec-missing",
    message: `no codec for ${format} pictures is set up`,
    expected: "a PNG picture, or an ImageCodec",
    hint: "save the picture as PNG, or pass the codec of your platform",
  });
}
