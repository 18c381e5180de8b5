// Perceptual distance: MS-GMSDc, multi-scale gradient magnitude similarity deviation with a chroma term. Zhang, Sun, Wang, Zhang, Zhu,
// "Gradient magnitude similarity deviation on multiple scales for color image quality assessment", ICASSP 2017, over Xue et al. 2014.
// 0 for equal pictures, larger for what looks more different. Edges that move count; where every edge differs it levels off near 0.3.
import type { Pixels } from "../../image/pixels.js";
import { chroma, deviation, halved, luma, type Plane } from "./plane.js";
import { checkSameSize } from "./same-size.js";

/** Of the four scales, finest first. */
const SCALE_WEIGHTS = [0.096, 0.596, 0.289, 0.019] as const;
/** Xue's constant, for gradients of luma from 0 to 255, and Zhang's masking of it. */
const STABILITY = 170;
const MASKING = 0.5;
/** beta 1 to 3: weight of colour, how it fades in, how fast it gives way to structure. */
const [COLOUR_WEIGHT, COLOUR_BLEND, COLOUR_FADE] = [0.01, 0.32, 15] as const;
/** Three halvings, and then a Prewitt window must fit. */
const LEAST_SIDE = 24;

/** @throws FewstepError `pictures-differ-in-size`, `picture-too-small` (less than 24 pixels a side) */
export function gradientDistance(picture: Pixels, reference: Pixels): number {
  checkSameSize(picture, reference, LEAST_SIDE);
  let [a, b] = [luma(picture), luma(reference)];
  let sum = 0;
  for (const [scale, weight] of SCALE_WEIGHTS.entries()) {
    if (scale > 0) [a, b] = [halved(a), halved(b)];
    sum += weight * deviation(similarity(gradient(a), gradient(b))) ** 2;
  }
  const structure = Math.sqrt(sum);
  const blend = 2 / (1 + COLOUR_BLEND * Math.exp(-COLOUR_FADE * structure)) - 1;
  return blend * structure + (1 - blend) * COLOUR_WEIGHT * chromaError(picture, reference);
}

/** Prewitt gradient magnitudes, kernels of 1/3, where the window fits. */
function gradient({ width, height, data }: Plane): Float64Array {
  const magnitudes = new Float64Array((width - 2) * (height - 2));
  for (let y = 1; y < height - 1; y++) {
    for (let x = 1; x < width - 1; x++) {
      const at = y * width + x;
      const column = (dx: number) => data[at - width + dx]! + data[at + dx]! + data[at + width + dx]!;
      const row = (dy: number) => data[at + dy - 1]! + data[at + dy]! + data[at + dy + 1]!;
      magnitudes[(y - 1) * (width - 2) + x - 1] = Math.hypot(column(-1) - column(1), row(-width) - row(width)) / 3;
    }
  }
  return magnitudes;
}

function similarity(a: Float64Array, b: Float64Array): Float64Array {
  return a.map((ma, i) => {
    const mb = b[i]!;
    return ((2 - MASKING) * ma * mb + STABILITY) / (ma * ma + mb * mb - MASKING * ma * mb + STABILITY);
  });
}

/** Root mean square differences of I and Q in levels, added as a vector. */
function chromaError(picture: Pixels, reference: Pixels): number {
  const [those, these] = [chroma(reference), chroma(picture)];
  const errors = these.map(({ data }, channel) => {
    const other = those[channel]!.data;
    return Math.sqrt(data.reduce((sum, value, i) => sum + (value - other[i]!) ** 2, 0) / data.length);
  });
  return Math.hypot(...errors);
}
