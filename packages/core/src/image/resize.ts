// Resizing by separable convolution: every output sample is a weighted mean of the inputs its filter covers, the filter widened when
// the picture shrinks so that nothing is skipped. Byte for byte what Pillow gives (rows first, 8-bit between the passes, weights in
// 22-bit fixed point, colours premultiplied by alpha), since diffusers prepares pictures with it.

import { FewstepError } from "../errors.js";
import { checkPictureSize } from "./picture-size.js";
import { checkPixels, emptyPixels, type Pixels } from "./pixels.js";

/**
 * `area` is the mean of the covered pixels, `bilinear` a tent, `bicubic` Keys' cubic with a = -0.5 (CLIP's choice), `lanczos` a windowed sinc
 * with three lobes (diffusers' choice).
 */
export type ResizeFilter = "area" | "bilinear" | "bicubic" | "lanczos";

const FILTERS: {
  readonly [name in ResizeFilter]: { readonly radius: number; readonly weight: (x: number) => number };
} = {
  area: { radius: 0.5, weight: (x) => (x > -0.5 && x <= 0.5 ? 1 : 0) },
  bilinear: { radius: 1, weight: (x) => Math.max(0, 1 - Math.abs(x)) },
  bicubic: { radius: 2, weight: (x) => cubic(Math.abs(x)) },
  lanczos: { radius: 3, weight: (x) => (Math.abs(x) < 3 ? sinc(x) * sinc(x / 3) : 0) },
};

/** The whole picture at another size. Errors: `pixels-shape`, `resize-size`, `image-too-many-pixels`. */
export function resize(pixels: Pixels, width: number, height: number, filter: ResizeFilter = "lanczos"): Pixels {
  checkPixels(pixels);
  if (!(Number.isSafeInteger(width) && Number.isSafeInteger(height) && width > 0 && height > 0)) {
    throw new FewstepError({
      code: "resize-size",
      message: "not a size to resize to",
      found: `${width} x ${height}`,
      expected: `positive whole sides`,
    });
  }
  checkPictureSize({ width, height });
  if (width === pixels.width && height === pixels.height) return { ...pixels, data: pixels.data.slice() };
  const opaque = isOpaque(pixels);
  const wide = convolve(opaque ? pixels : premultiplied(pixels), width, "x", filter);
  const result = convolve(wide, height, "y", filter);
  return opaque ? result : straight(result);
}

/** One pass: along rows ("x") or columns ("y") to the new length. */
function convolve(source: Pixels, length: number, axis: "x" | "y", filter: ResizeFilter): Pixels {
  const along = axis === "x";
  const result = along ? emptyPixels(length, source.height) : emptyPixels(source.width, length);
  const step = along ? 4 : source.width * 4;
  const positions = taps(along ? source.width : source.height, length, filter);
  for (let y = 0; y < result.height; y++) {
    for (let x = 0; x < result.width; x++) {
      const { first, weights } = positions[along ? x : y]!;
      const start = along ? (y * source.width + first) * 4 : (first * source.width + x) * 4;
      for (let c = 0; c < 4; c++) {
        let sum = FIXED / 2;
        for (let k = 0; k < weights.length; k++) sum += weights[k]! * source.data[start + k * step + c]!;
        result.data[(y * result.width + x) * 4 + c] = Math.min(255, Math.max(0, Math.floor(sum / FIXED)));
      }
    }
  }
  return result;
}

function isOpaque({ data }: Pixels): boolean {
  for (let i = 3; i < data.length; i += 4) if (data[i] !== 255) return false;
  return true;
}

/** Colours times alpha / 255, rounded. */
function premultiplied({ width, height, data }: Pixels): Pixels {
  const result = emptyPixels(width, height);
  for (let i = 0; i < data.length; i++) {
    const alpha = data[i | 3]!;
    result.data[i] = (i & 3) === 3 ? alpha : Math.round((data[i]! * alpha) / 255);
  }
  return result;
}

/** The inverse, rounded down. */
function straight({ width, height, data }: Pixels): Pixels {
  const result = emptyPixels(width, height);
  for (let i = 0; i < data.length; i++) {
    const alpha = data[i | 3]!;
    const whole = (i & 3) === 3 || alpha === 0 || alpha === 255;
    result.data[i] = whole ? data[i]! : Math.min(255, Math.floor((data[i]! * 255) / alpha));
  }
  return result;
}

/** The part of the picture that begins at (x, y). Errors: `pixels-shape`, `resize-size` if it does not lie inside. */
export function crop(pixels: Pixels, x: number, y: number, width: number, height: number): Pixels {
  checkPixels(pixels);
  const inside =
    x >= 0 && y >= 0 && width > 0 && height > 0 && x + width <= pixels.width && y + height <= pixels.height;
  if (!inside || ![x, y, width, height].every(Number.isSafeInteger)) {
    throw new FewstepError({
      code: "resize-size",
      message: "the part to cut out is not inside the picture",
      found: `${width} x ${height} at ${x}, ${y}`,
      expected: `a part of ${pixels.width} x ${pixels.height}`,
    });
  }
  const part = emptyPixels(width, height);
  for (let row = 0; row < height; row++) {
    const at = ((y + row) * pixels.width + x) * 4;
    part.data.set(pixels.data.subarray(at, at + width * 4), row * width * 4);
  }
  return part;
}

type Taps = { readonly first: number; readonly weights: Float64Array };

/** Weights are whole numbers of this part of 1. */
const FIXED = 2 ** 22;

/** For each output sample: the first input it uses, and weights that sum to FIXED. */
function taps(from: number, to: number, filter: ResizeFilter): readonly Taps[] {
  const { radius, weight } = FILTERS[filter];
  const scale = from / to;
  const spread = Math.max(1, scale);
  return Array.from({ length: to }, (_, i) => {
    const centre = (i + 0.5) * scale;
    const first = Math.max(0, Math.trunc(centre - radius * spread + 0.5));
    const end = Math.min(from, Math.trunc(centre + radius * spread + 0.5));
    const weights = Float64Array.from({ length: end - first }, (_, k) => weight((first + k - centre + 0.5) / spread));
    const sum = weights.reduce((total, value) => total + value, 0);
    return { first, weights: weights.map((value) => roundAwayFromZero((value / sum) * FIXED)) };
  });
}

/** Keys 1981, a = -0.5. */
function cubic(x: number): number {
  if (x < 1) return (1.5 * x - 2.5) * x * x + 1;
  return x < 2 ? (((x - 5) * x + 8) * x - 4) * -0.5 : 0;
}

function sinc(x: number): number {
  return x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x);
}

function roundAwayFromZero(value: number): number {
  return Math.trunc(value + (value < 0 ? -0.5 : 0.5));
}
