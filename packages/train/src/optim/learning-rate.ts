// Learning rates as pure functions of the iteration: linear warm-up, then constant or half a cosine down to a floor.

export interface LearningRate {
  readonly peak: number;
  /** Iterations of linear warm-up; default 0. */
  readonly warmUp?: number;
  readonly decay: "constant" | "cosine";
  /** Where the cosine ends, as a part of the peak; default 0. */
  readonly floor?: number;
}

/** The rate of iteration `i` of `total`, counted from 0. */
export function learningRateAt({ peak, warmUp = 0, decay, floor = 0 }: LearningRate, i: number, total: number): number {
  if (i < warmUp) return (peak * (i + 1)) / warmUp;
  if (decay === "constant") return peak;
  const part = Math.min(1, (i - warmUp) / Math.max(1, total - warmUp));
  return peak * (floor + (1 - floor) * 0.5 * (1 + Math.cos(Math.PI * part)));
}
