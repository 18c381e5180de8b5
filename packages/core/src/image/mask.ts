// Masks for inpainting: which parts of a picture are drawn anew. Values are 0 (keep) to 1 (draw).

import { FewstepError } from "../errors.js";
import { checkPixels, emptyPixels, type Pixels } from "./pixels.js";

export type Mask = { readonly width: number; readonly height: number; readonly data: Float32Array };

/** White is drawn, black is kept. Grey as Pillow's "L" (ITU-R 601-2 in 16-bit fixed point), as diffusers' mask processor takes it. */
export function maskFromGrey(pixels: Pixels): Mask {
  checkPixels(pixels);
  const { data } = pixels;
  return maskOf(
    pixels,
    (at) => ((data[at]! * 19595 + data[at + 1]! * 38470 + data[at + 2]! * 7471 + 0x8000) >> 16) / 255,
  );
}

/** Transparent is drawn, opaque is kept, as image editors hand masks on. */
export function maskFromAlpha(pixels: Pixels): Mask {
  checkPixels(pixels);
  return maskOf(pixels, (at) => 1 - pixels.data[at + 3]! / 255);
}

/** 1 from the threshold on, else 0 (diffusers: 0.5). */
export function binarize(mask: Mask, threshold = 0.5): Mask {
  return { ...mask, data: mask.data.map((value) => (value >= threshold ? 1 : 0)) };
}

/** One value for each latent: the top left pixel of its square, as diffusers' "nearest" takes it. Errors: `mask-size`. */
export function maskForLatents(mask: Mask, pixelsPerLatent = 8): Mask {
  const [width, height] = [mask.width / pixelsPerLatent, mask.height / pixelsPerLatent];
  if (!Number.isInteger(width) || !Number.isInteger(height)) {
    throw wrongSize(`${mask.width} x ${mask.height}`, `sides that are multiples of ${pixelsPerLatent}`);
  }
  const data = new Float32Array(width * height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) data[y * width + x] = mask.data[(y * mask.width + x) * pixelsPerLatent]!;
  }
  return { width, height, data };
}

/** `painted` where the mask is 1, `kept` where it is 0, a mean between. Errors: `mask-size` if the sizes differ. */
export function blend(kept: Pixels, painted: Pixels, mask: Mask): Pixels {
  checkPixels(kept);
  checkPixels(painted);
  for (const { width, height } of [painted, mask]) {
    if (width !== kept.width || height !== kept.height) {
      throw wrongSize(`${width} x ${height}`, `${kept.width} x ${kept.height}`);
    }
  }
  const result = emptyPixels(kept.width, kept.height);
  for (let i = 0; i < result.data.length; i++) {
    const share = mask.data[i >> 2]!;
    result.data[i] = Math.round(kept.data[i]! * (1 - share) + painted.data[i]! * share);
  }
  return result;
}

function maskOf({ width, height }: Pixels, value: (at: number) => number): Mask {
  return { width, height, data: Float32Array.from({ length: width * height }, (_, i) => value(i * 4)) };
}

function wrongSize(found: string, expected: string): FewstepError {
  return new FewstepError({ code: "mask-size", message: "the mask does not fit", found, expected });
}
