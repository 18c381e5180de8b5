// JPEG and WebP by the sharp package (libvips), which the user installs beside fewstep if these formats are wanted: PNG needs nothing.
import { FewstepError, interrupted } from "../errors.js";
import type { DecodeLimits, EncodeOptions, ImageCodec } from "../image/codec.js";
import type { Pixels } from "../image/pixels.js";
import { insertExif } from "./insert-exif.js";

/** The few calls of sharp that are used (0.33 and later). */
interface SharpImage {
  rotate(): SharpImage;
  ensureAlpha(): SharpImage;
  raw(): SharpImage;
  toColourspace(space: "srgb"): SharpImage;
  jpeg(options: { readonly quality: number }): SharpImage;
  webp(options: { readonly quality: number }): SharpImage;
  toBuffer(): Promise<Uint8Array>;
  toBuffer(options: { readonly resolveWithObject: true }): Promise<{
    readonly data: Uint8Array;
    readonly info: { readonly width: number; readonly height: number };
  }>;
}
type Sharp = (
  input: Uint8Array,
  options?: {
    readonly limitInputPixels?: number;
    readonly failOn?: "error";
    readonly raw?: { readonly width: number; readonly height: number; readonly channels: 4 };
  },
) => SharpImage;

/** @throws FewstepError `image-codec-missing` when the sharp package is not there */
export async function sharpCodec(load: () => Promise<unknown> = () => import("sharp" as string)): Promise<ImageCodec> {
  const module = await load().catch((cause: unknown) => {
    throw new FewstepError({
      code: "image-codec-missing",
      message: "JPEG and WebP pictures need the sharp package",
      found: "it is not installed, or not for this platform",
      hint: "run `npm install sharp`, or use PNG",
      cause,
    });
  });
  const sharp = (module as { readonly default: Sharp }).default;
  return {
    async decode(bytes, format, { maxPixels, signal }: DecodeLimits): Promise<Pixels> {
      return guarded(format, "read", signal, async () => {
        const image = sharp(bytes, { limitInputPixels: maxPixels, failOn: "error" });
        const { data, info } = await image
          .rotate()
          .toColourspace("srgb")
          .ensureAlpha()
          .raw()
          .toBuffer({ resolveWithObject: true });
        return { width: info.width, height: info.height, data: Uint8Array.from(data) };
      });
    },
    async encode({ width, height, data }, format, { quality, exif, signal }: EncodeOptions) {
      return guarded(format, "write", signal, async () => {
        const encoded = await sharp(data, { raw: { width, height, channels: 4 } })
          [format]({ quality })
          .toBuffer();
        const plain = Uint8Array.from(encoded);
        return exif === undefined ? plain : insertExif(plain, format, exif, { width, height });
      });
    },
  };
}

/** Runs a piece of work of sharp's, which knows no signal: an abort drops its result. */
async function guarded<T>(
  format: string,
  verb: "read" | "write",
  signal: AbortSignal | undefined,
  work: () => Promise<T>,
): Promise<T> {
  if (signal?.aborted) throw interrupted();
  const done = await work().catch((cause: unknown) => {
    throw new FewstepError({
      code: `image-cannot-${verb}`,
      message: `cannot ${verb} the ${format} picture`,
      found: cause instanceof Error ? cause.message.slice(0, 200) : String(cause),
      hint: verb === "read" ? "the file may be damaged: get it again from its source" : "write it as PNG",
      cause,
    });
  });
  if (signal?.aborted) throw interrupted();
  return done;
}
