// Resizing by separable convolution: every output sample is a weighted mean of the inputs its filter covers, the filter widened when
// the picture shrinks so that nothing is skipped. Same filters and sample positions as Pillow; colours are weighted by alpha.

import { FewstepError } from "../errors.js";
import { checkPixels, emptyPixels, type Pixels } from "./pixels.js";
import { MAX_PIXELS } from "./png-decode.js";

/** `area` is the mean of the covered pixels, `bilinear` a tent, `lanczos` a windowed sinc with three lobes (diffusers' choice). */
export type ResizeFilter = "area" | "bilinear" | "lanczos";

const FILTERS: {
  readonly [name in ResizeFilter]: { readonly radius: number; readonly weight: (x: number) => number };
} = {
  area: { radius: 0.5, weight: (x) => (x > -0.5 && x <= 0.5 ? 1 : 0) },
  bilinear: { radius: 1, weight: (x) => Math.max(0, 1 - Math.abs(x)) },
  lanczos: { radius: 3, weight: (x) => (Math.abs(x) < 3 ? sinc(x) * sinc(x / 3) : 0) },
};

/** The whole picture at another size. Errors: `pixels-shape`, `resize-size`. */
export function resize(pixels: Pixels, width: number, height: number, filter: ResizeFilter = "lanczos"): Pixels {
  checkPixels(pixels);
  if (
    !(
      Number.isSafeInteger(width) &&
      Number.isSafeInteger(height) &&
      width > 0 &&
      height > 0 &&
      width * height <= MAX_PIXELS
    )
  ) {
    throw new FewstepError({
      code: "resize-size",
      message: "not a size to resize to",
      found: `${width} x ${height}`,
      expected: `positive whole sides and at most ${MAX_PIXELS} pixels`,
    });
  }
  if (width === pixels.width && height === pixels.height) return { ...pixels, data: pixels.data.slice() };
  const across = taps(pixels.width, width, filter);
  const down = taps(pixels.height, height, filter);
  // Rows first: `wide` is source height x new width, colours multiplied by alpha.
  const wide = new Float32Array(width * pixels.height * 4);
  for (let y = 0; y < pixels.height; y++) {
    for (let x = 0; x < width; x++) {
      const { first, weights } = across[x]!;
      const out = (y * width + x) * 4;
      for (let k = 0; k < weights.length; k++) {
        const at = (y * pixels.width + first + k) * 4;
        const alpha = weights[k]! * pixels.data[at + 3]!;
        for (let c = 0; c < 3; c++) wide[out + c] = wide[out + c]! + (alpha * pixels.data[at + c]!) / 255;
        wide[out + 3] = wide[out + 3]! + alpha;
      }
    }
  }
  const result = emptyPixels(width, height);
  const sums = new Float64Array(4);
  for (let y = 0; y < height; y++) {
    const { first, weights } = down[y]!;
    for (let x = 0; x < width; x++) {
      sums.fill(0);
      for (let k = 0; k < weights.length; k++) {
        const at = ((first + k) * width + x) * 4;
        for (let c = 0; c < 4; c++) sums[c] = sums[c]! + weights[k]! * wide[at + c]!;
      }
      const alpha = clampByte(sums[3]!);
      const out = (y * width + x) * 4;
      for (let c = 0; c < 3; c++) result.data[out + c] = alpha === 0 ? 0 : clampByte((sums[c]! * 255) / sums[3]!);
      result.data[out + 3] = alpha;
    }
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

/** For each output sample: the first input it uses, and weights that sum to 1. */
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
    return { first, weights: weights.map((value) => value / sum) };
  });
}

function sinc(x: number): number {
  return x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x);
}

function clampByte(value: number): number {
  return Math.min(255, Math.max(0, Math.round(value)));
}
