// Early stop by a metric: training ends when the mean of its last values has reached a bound. A function for `train`'s `until`; each run
// needs its own.
import { FewstepError } from "@fewstep/core";
import type { LogLine } from "./store.js";

export interface StopBound {
  /** A name of the log's metrics: loss, psnr, norm ... */
  readonly metric: string;
  readonly side: "above" | "below";
  readonly value: number;
}

/** Values that are averaged: one batch is no evidence. */
export const STOP_WINDOW = 50;

/** @throws FewstepError `unknown-metric`, at the first line that lacks the metric */
export function stopWhen({ metric, side, value }: StopBound, window = STOP_WINDOW): (line: LogLine) => boolean {
  const recent: number[] = [];
  return ({ metrics }) => {
    const found = metrics[metric];
    if (found === undefined)
      throw new FewstepError({
        code: "unknown-metric",
        message: "training measures no such thing",
        found: metric,
        expected: `one of ${Object.keys(metrics).join(", ")}`,
      });
    recent.push(found);
    if (recent.length > window) recent.shift();
    if (recent.length < window) return false;
    const mean = recent.reduce((sum, x) => sum + x, 0) / window;
    return side === "above" ? mean > value : mean < value;
  };
}
