// Losses of the KL autoencoder (Rombach et al. 2022, appendix G, without its discriminator and LPIPS): |d| + d^2 on pictures, the same on
// differences of neighbouring pixels (what keeps outlines sharp where no perceptual network judges), and a slight pull to a unit normal.
import type { GraphBuilder, Value } from "@fewstep/core";
import { absoluteError, squaredError } from "./elementwise.js";

/** x[..., i + 1] - x[..., i] along one axis. */
function steps(b: GraphBuilder, x: Value, axis: number): Value {
  const length = x.shape[axis]!;
  const later = b.op("Slice", [x], { axis, start: 1, end: length });
  return b.op("Sub", [later, b.op("Slice", [x], { axis, start: 0, end: length - 1 })]);
}

/** Mean |difference of the pictures' slopes| in both directions, a picture. */
export function edgeError(b: GraphBuilder, x: Value, y: Value): Value {
  const errors = [2, 3].map((axis) => absoluteError(b, steps(b, x, axis), steps(b, y, axis)));
  return b.op("Add", [errors[0], errors[1]]);
}

/** |x - y| + (x - y)^2, a picture. */
export function pictureError(b: GraphBuilder, x: Value, y: Value): Value {
  return b.op("Add", [absoluteError(b, x, y), squaredError(b, x, y)]);
}

/** KL(N(mean, exp(logvar)) || N(0, 1)) = (mean^2 + exp(logvar) - 1 - logvar) / 2 summed over a picture: [N]. */
export function klDivergence(b: GraphBuilder, mean: Value, logvar: Value): Value {
  const energy = b.op("Add", [b.op("Mul", [mean, mean]), b.op("Exp", [logvar])]);
  const terms = b.op("Sub", [energy, b.op("Affine", [logvar], { scale: 1, shift: 1 })]);
  const half = b.op("Affine", [terms], { scale: 0.5, shift: 0 });
  return b.op("ReduceSum", [half], { axes: [1, 2, 3], keepDims: false });
}
