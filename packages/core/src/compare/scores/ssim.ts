// Structural similarity of luma: Wang, Bovik, Sheikh, Simoncelli, "Image quality assessment: from error visibility to structural
// similarity", IEEE TIP 13(4), 2004: Gaussian window of 11 x 11 with sigma 1.5, K1 = 0.01, K2 = 0.03, mean over all places where the
// window fits. 1 for equal pictures. Without the downscaling to 256 pixels that Wang's later code suggests.
import type { Pixels } from "../../image/pixels.js";
import { luma, mean, type Plane } from "./plane.js";
import { checkSameSize } from "./same-size.js";

const RADIUS = 5;
const SIGMA = 1.5;
const C1 = (0.01 * 255) ** 2;
const C2 = (0.03 * 255) ** 2;

const taps = Array.from({ length: 2 * RADIUS + 1 }, (_, i) => Math.exp(-((i - RADIUS) ** 2) / (2 * SIGMA ** 2)));
const total = taps.reduce((sum, tap) => sum + tap, 0);
const WINDOW: readonly number[] = taps.map((tap) => tap / total);

/** @throws FewstepError `pictures-differ-in-size`, `picture-too-small` (less than 11 pixels a side) */
export function ssim(picture: Pixels, reference: Pixels): number {
  checkSameSize(picture, reference, WINDOW.length);
  const [a, b] = [luma(picture), luma(reference)];
  const [meanA, meanB] = [windowed(a), windowed(b)];
  const [squareA, squareB, product] = [windowed(times(a, a)), windowed(times(b, b)), windowed(times(a, b))];
  return mean(
    meanA.map((ma, i) => {
      const mb = meanB[i]!;
      const [varianceA, varianceB] = [squareA[i]! - ma * ma, squareB[i]! - mb * mb];
      const covariance = product[i]! - ma * mb;
      return ((2 * ma * mb + C1) * (2 * covariance + C2)) / ((ma * ma + mb * mb + C1) * (varianceA + varianceB + C2));
    }),
  );
}

const times = (a: Plane, b: Plane): Plane => ({ ...a, data: a.data.map((value, i) => value * b.data[i]!) });

/** The window's mean at every place where it fits. In doubles: variances are small differences of large numbers. */
function windowed({ width, height, data }: Plane): Float64Array {
  const inner = { width: width - 2 * RADIUS, height: height - 2 * RADIUS };
  const rows = new Float64Array(inner.width * height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < inner.width; x++) {
      let sum = 0;
      for (let k = 0; k < WINDOW.length; k++) sum += WINDOW[k]! * data[y * width + x + k]!;
      rows[y * inner.width + x] = sum;
    }
  }
  const result = new Float64Array(inner.width * inner.height);
  for (let i = 0; i < result.length; i++) {
    let sum = 0;
    for (let k = 0; k < WINDOW.length; k++) sum += WINDOW[k]! * rows[i + k * inner.width]!;
    result[i] = sum;
  }
  return result;
}
