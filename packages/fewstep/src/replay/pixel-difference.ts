// How far two pictures of one size are from another, in levels of 0 to 255, and what that says.
import type { Pixels } from "@fewstep/core";

export interface PixelDifference {
  /** Over all pixels and the three colours. */
  readonly largest: number;
  readonly mean: number;
  /** Part of the pixels that differ at all, 0 to 1. */
  readonly changed: number;
}

/**
 * `same`: to the bit, in JPEG and WebP in the same coding. `rounding`: what other threads, devices or memory options do to the same run.
 * `coding`: no farther than a JPEG's or WebP's coding itself goes, as with another encoder.
 */
export type Verdict = "same" | "rounding" | "coding" | "different";

/** A float that falls on the other side of a half moves a level by one; two of them by two. */
const ROUNDING_LEVELS = 2;
const ROUNDING_MEAN = 0.1;

/** Undefined for pictures of different sizes. */
export function pixelDifference(one: Pixels, other: Pixels): PixelDifference | undefined {
  if (one.width !== other.width || one.height !== other.height) return undefined;
  let [largest, sum, changed] = [0, 0, 0];
  for (let at = 0; at < one.data.length; at += 4) {
    let most = 0;
    for (let colour = 0; colour < 3; colour++) {
      const distance = Math.abs(one.data[at + colour]! - other.data[at + colour]!);
      sum += distance;
      most = Math.max(most, distance);
    }
    largest = Math.max(largest, most);
    if (most > 0) changed += 1;
  }
  const pixels = one.width * one.height;
  return { largest, mean: sum / (pixels * 3), changed: changed / pixels };
}

/** @param loss how far the coding of the file moved its levels on average; 0 for PNG */
export function verdictOf(difference: PixelDifference | undefined, loss = 0): Verdict {
  if (difference === undefined) return "different";
  const { largest, mean } = difference;
  if (largest === 0) return "same";
  if (largest <= ROUNDING_LEVELS && mean <= ROUNDING_MEAN) return "rounding";
  return mean <= loss ? "coding" : "different";
}

export function differenceText(difference: PixelDifference | undefined): string {
  if (difference === undefined) return "the sizes differ";
  const { largest, mean, changed } = difference;
  if (largest === 0) return "every pixel is the same";
  const part = changed * 100 < 0.1 ? "less than 0.1" : (changed * 100).toFixed(1);
  return `${part} % of the pixels differ, by ${largest} of 255 levels at most, ${mean.toFixed(3)} on average`;
}
