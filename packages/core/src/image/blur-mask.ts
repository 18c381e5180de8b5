// A mask with soft edges: a Gaussian along rows and columns, edges repeated outwards.
// Cut off at 2.5 standard deviations, as A1111 chooses the kernel of its mask blur (modules/processing.py).
import type { Mask } from "./mask.js";

const REACH = 2.5;

/** @param deviation in pixels; 0 leaves the mask as it is */
export function blurMask(mask: Mask, deviation: number): Mask {
  const radius = Math.floor(REACH * deviation + 0.5);
  if (radius === 0) return mask;
  const kernel = Float64Array.from({ length: 2 * radius + 1 }, (_, i) =>
    Math.exp(-((i - radius) ** 2) / (2 * deviation * deviation)),
  );
  const sum = kernel.reduce((total, weight) => total + weight, 0);
  const weights = kernel.map((weight) => weight / sum);
  const { width, height } = mask;
  const rows = convolved(mask.data, weights, { lines: height, length: width, line: width, step: 1 });
  return { width, height, data: convolved(rows, weights, { lines: width, length: height, line: 1, step: width }) };
}

interface Walk {
  readonly lines: number;
  readonly length: number;
  /** Distance in memory from one line to the next, and along a line. */
  readonly line: number;
  readonly step: number;
}

function convolved(data: Float32Array, weights: Float64Array, { lines, length, line, step }: Walk): Float32Array {
  const radius = (weights.length - 1) / 2;
  const result = new Float32Array(data.length);
  for (let l = 0; l < lines; l++) {
    for (let i = 0; i < length; i++) {
      let sum = 0;
      for (let k = 0; k < weights.length; k++) {
        const at = Math.min(length - 1, Math.max(0, i + k - radius));
        sum += weights[k]! * data[l * line + at * step]!;
      }
      result[l * line + i * step] = Math.min(1, sum);
    }
  }
  return result;
}
