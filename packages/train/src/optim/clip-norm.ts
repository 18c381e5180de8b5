// Clips a flat gradient by its Euclidean norm: g <- g min(1, max / (norm + 1e-6)), as torch's clip_grad_norm_.
import type { GraphBuilder, Value } from "@fewstep/core";
import { squaredSum } from "../flat/slices.js";

/** `norm` is the norm before clipping, of shape [1]. */
export function clipNorm(
  b: GraphBuilder,
  gradient: Value,
  max: number,
): { readonly gradient: Value; readonly norm: Value } {
  const norm = b.op("Sqrt", [squaredSum(b, gradient)]);
  const shifted = b.op("Affine", [norm], { scale: 1, shift: 1e-6 });
  const ratio = b.op("Affine", [b.op("Reciprocal", [shifted])], { scale: max, shift: 0 });
  const scale = b.op("Minimum", [ratio, b.constant([1], Float32Array.of(1))]);
  return { gradient: b.op("Mul", [gradient, scale]), norm };
}
