// Exponential moving average of the weights: ema <- d ema + (1 - d) p, with a warm-up of d so that early weights are forgotten.
import type { GraphBuilder, Value } from "@fewstep/core";

/** Decay of update `n`, counted from 0: min(decay, (n + 1) / (n + 12)). */
export function emaDecay(n: number, decay: number): number {
  return Math.min(decay, (n + 1) / (n + 12));
}

/** p + d (ema - p); `decay` of shape [1]. */
export function ema(b: GraphBuilder, average: Value, p: Value, decay: Value): Value {
  return b.op("Add", [p, b.op("Mul", [b.op("Sub", [average, p]), decay])]);
}
