// One grey or colour-difference picture as floats, and how the scores get theirs from pixels. No score is defined here.
import { checkPixels, type Pixels } from "../../image/pixels.js";

/** Row by row; `data.length === width * height`. */
export interface Plane {
  readonly width: number;
  readonly height: number;
  readonly data: Float32Array;
}

/** Weights of R, G and B. */
type Mix = readonly [red: number, green: number, blue: number];

/** ITU-R BT.601 luma, what Wang's and Xue's code calls grey. */
const LUMA: Mix = [0.299, 0.587, 0.114];
/** NTSC's two colour differences (YIQ). */
const IN_PHASE: Mix = [0.5959, -0.2746, -0.3213];
const QUADRATURE: Mix = [0.2115, -0.5227, 0.3112];

function mixed({ width, height, data }: Pixels, [red, green, blue]: Mix): Plane {
  const plane = new Float32Array(width * height);
  for (let i = 0; i < plane.length; i++) {
    plane[i] = red * data[i * 4]! + green * data[i * 4 + 1]! + blue * data[i * 4 + 2]!;
  }
  return { width, height, data: plane };
}

/** Luma from 0 to 255. */
export function luma(pixels: Pixels): Plane {
  checkPixels(pixels);
  return mixed(pixels, LUMA);
}

/** I and Q of YIQ, about -152 to 152 and -133 to 133. */
export function chroma(pixels: Pixels): readonly [Plane, Plane] {
  checkPixels(pixels);
  return [mixed(pixels, IN_PHASE), mixed(pixels, QUADRATURE)];
}

/** Half the size: the mean of each 2 x 2 square; an odd last row or column is left out. */
export function halved({ width, height, data }: Plane): Plane {
  const half = { width: width >> 1, height: height >> 1 };
  const plane = new Float32Array(half.width * half.height);
  for (let y = 0; y < half.height; y++) {
    for (let x = 0; x < half.width; x++) {
      const at = 2 * y * width + 2 * x;
      plane[y * half.width + x] = (data[at]! + data[at + 1]! + data[at + width]! + data[at + width + 1]!) / 4;
    }
  }
  return { ...half, data: plane };
}

export function mean(values: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i]!;
  return sum / values.length;
}

/** Population standard deviation. */
export function deviation(values: ArrayLike<number>): number {
  const centre = mean(values);
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += (values[i]! - centre) ** 2;
  return Math.sqrt(sum / values.length);
}
