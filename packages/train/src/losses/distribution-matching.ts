// Distribution matching distillation (Yin et al. 2024; DMD2's form): the student's pictures move along the difference of two scores.
//   g = (x0_fake(x_t) - x0_real(x_t)) / mean|x - x0_real|,  loss = 1/2 mean (x - (x - g))^2 with x - g held fixed: its gradient for x is g / size
import type { GraphBuilder, Value } from "@fewstep/core";
import { batchMean, perPicture } from "./elementwise.js";

export interface Scores {
  /** The student's x0, with its gradient. */
  readonly x: Value;
  /** The same numbers without one. */
  readonly held: Value;
  readonly real: Value;
  readonly fake: Value;
}

export function distributionMatching(b: GraphBuilder, { x, held, real, fake }: Scores): Value {
  const size = perPicture(b, b.op("Abs", [b.op("Sub", [held, real])]));
  const scale = b.op("Reshape", [b.op("Affine", [size], { scale: 1, shift: 1e-8 })], {
    shape: [x.shape[0]!, ...x.shape.slice(1).map(() => 1)],
  });
  const direction = b.op("Div", [b.op("Sub", [fake, real]), scale]);
  const target = b.op("Sub", [held, direction]);
  const d = b.op("Sub", [x, target]);
  return b.op("Affine", [batchMean(b, perPicture(b, b.op("Mul", [d, d])))], { scale: 0.5, shift: 0 });
}
