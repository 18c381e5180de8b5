// Latent consistency distillation (Luo et al. 2023, Algorithm 1; LCM-LoRA: the target is the student itself without gradient).
//   previous = DDIM(x_t; guided teacher) at t - k;  f(x, t) = c_skip x + c_out x0(x, t)
//   loss = mean(sqrt(d^2 + c^2) - c), d = f(x_t, t) - f_frozen(previous, t - k)
// Guidance as in the paper: w is above the conditional output, e = c + w (c - u).
import type { GraphBuilder, PredictionType, Value } from "@fewstep/core";
import { decomposed, type Level, noised } from "./prediction.js";

export interface Boundary {
  readonly skip: Value;
  readonly out: Value;
}

export interface BoundaryScalings {
  readonly skip: number;
  readonly out: number;
}

/** c_skip = s^2 / ((10 t)^2 + s^2), c_out = 10 t / sqrt((10 t)^2 + s^2), s = 0.5. */
export function boundaryAt(t: number): BoundaryScalings {
  const norm = (10 * t) ** 2 + 0.25;
  return { skip: 0.25 / norm, out: (10 * t) / Math.sqrt(norm) };
}

/** c + w (c - u) on raw outputs: both meanings of an output are affine in it, so x0 and n are guided alike. */
export function guided(b: GraphBuilder, conditional: Value, unconditional: Value, w: Value): Value {
  return b.op("Add", [conditional, b.op("Mul", [b.op("Sub", [conditional, unconditional]), w])]);
}

/** The deterministic step x -> a' x0 + s' n (Song et al. 2021, eq. 12 with eta 0). */
export function ddim(b: GraphBuilder, type: PredictionType, x: Value, output: Value, from: Level, to: Level): Value {
  const { x0, n } = decomposed(b, type, x, output, from);
  return noised(b, x0, n, to);
}

/** f(x, t) of the consistency function. */
export function consistency(
  b: GraphBuilder,
  type: PredictionType,
  x: Value,
  output: Value,
  level: Level,
  { skip, out }: Boundary,
): Value {
  const { x0 } = decomposed(b, type, x, output, level);
  return b.op("Add", [b.op("Mul", [x, skip]), b.op("Mul", [x0, out])]);
}
