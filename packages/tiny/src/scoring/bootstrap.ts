// Percentile intervals by resampling units (Efron and Tibshirani 1993). Rows of one prompt go together: pictures of one prompt are alike.
import { randomFrom } from "../illustrator/random.js";

export interface Interval {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

export interface BootstrapOptions {
  /** Default 200. */
  readonly resamples?: number;
  /** Default 1. */
  readonly seed?: number;
  /** Default 0.95. */
  readonly level?: number;
}

/** @param statistic of a list of units, of which some come several times and some not at all */
export function bootstrap<T>(
  units: readonly T[],
  statistic: (units: readonly T[]) => number,
  { resamples = 200, seed = 1, level = 0.95 }: BootstrapOptions = {},
): Interval {
  const random = randomFrom(seed);
  const values = Array.from({ length: resamples }, () =>
    statistic(units.map(() => units[random.below(units.length)]!)),
  ).sort((a, b) => a - b);
  const at = (part: number) => values[Math.min(resamples - 1, Math.max(0, Math.round(part * (resamples - 1))))]!;
  const tail = (1 - level) / 2;
  return { value: statistic(units), low: at(tail), high: at(1 - tail) };
}
