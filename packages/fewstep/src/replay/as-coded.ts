// Pixels as a JPEG or WebP file holds them: coded in the same way and read again, so that they can be held against a picture of that format.
import { decodePicture, encodePicture, type ImageCodec, type PictureCoding, type Pixels } from "@fewstep/core";
import { sharpCodec } from "@fewstep/core/node";
import type { PictureOrigin } from "./picture-origin.js";
import { pixelDifference } from "./pixel-difference.js";

export interface HeldPixels {
  readonly pixels: Pixels;
  /** How far the coding moved their levels, on average; 0 for PNG. */
  readonly loss: number;
}

/** Tried where a picture does not say its own: what programs write by default (A1111 80, Pillow 75, fewstep 90), and around it. */
const QUALITIES: readonly number[] = [100, 95, 90, 85, 80, 75, 60];

/**
 * The pixels in the coding of a picture, or in the one that comes nearest to it where its file does not say how it was coded.
 * @throws FewstepError `image-codec-missing`, and the codes of the codec
 */
export async function asCodedLike(
  { pixels: before, format, coding }: Pick<PictureOrigin, "pixels" | "format" | "coding">,
  pixels: Pixels,
  signal: AbortSignal,
): Promise<HeldPixels> {
  if (format === "png") return { pixels, loss: 0 };
  const codec = await sharpCodec();
  const codings = coding === undefined ? QUALITIES.map((quality) => ({ format, quality })) : [coding];
  let nearest: HeldPixels | undefined;
  let least = Number.POSITIVE_INFINITY;
  for (const one of codings) {
    const coded = await asCoded(pixels, one, codec, signal);
    const distance = pixelDifference(before, coded)?.mean ?? 0;
    if (distance >= least) continue;
    least = distance;
    nearest = { pixels: coded, loss: pixelDifference(pixels, coded)!.mean };
  }
  return nearest!;
}

async function asCoded(pixels: Pixels, { format, quality }: PictureCoding, codec: ImageCodec, signal: AbortSignal) {
  const bytes = await encodePicture(pixels, format, { codec, quality, signal });
  return decodePicture(bytes, { codec, signal });
}
