// Losses that compare two tensors element by element, as one number a picture [N] and their mean over the batch.
import type { GraphBuilder, Value } from "@fewstep/core";

/** Mean over all axes but the first: [N, ...] -> [N]. */
export function perPicture(b: GraphBuilder, x: Value): Value {
  return b.op("ReduceMean", [x], { axes: x.shape.slice(1).map((_, i) => i + 1), keepDims: false });
}

/** Mean over the batch: [N] -> a scalar. */
export function batchMean(b: GraphBuilder, perSample: Value): Value {
  return b.op("ReduceMean", [perSample], { axes: [0], keepDims: false });
}

/** (x - y)^2, mean a picture. */
export function squaredError(b: GraphBuilder, x: Value, y: Value): Value {
  const d = b.op("Sub", [x, y]);
  return perPicture(b, b.op("Mul", [d, d]));
}

/** |x - y|, mean a picture. */
export function absoluteError(b: GraphBuilder, x: Value, y: Value): Value {
  return perPicture(b, b.op("Abs", [b.op("Sub", [x, y])]));
}

/** sqrt((x - y)^2 + c^2) - c, mean a picture: the pseudo-Huber loss of consistency training (Song and Dhariwal 2023), c = 0.001. */
export function pseudoHuber(b: GraphBuilder, x: Value, y: Value, c = 0.001): Value {
  const d = b.op("Sub", [x, y]);
  const root = b.op("Sqrt", [b.op("Affine", [b.op("Mul", [d, d])], { scale: 1, shift: c * c })]);
  return perPicture(b, b.op("Affine", [root], { scale: 1, shift: -c }));
}
