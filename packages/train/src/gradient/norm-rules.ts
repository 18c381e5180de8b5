// Gradients of normalisations: y = scale * h + shift, h = (x - mean) / sqrt(var + epsilon) over a group.
//   dx = (dh - mean(dh) - h mean(dh h)) / sqrt(var + epsilon), dh = scale dy
// Mean and variance are computed again: they are two numbers a group, h is as large as x.
import type { GraphBuilder, Value } from "@fewstep/core";
import { affine, mean, mul, reshape, square, sub, sum } from "./expressions.js";
import { type GradientRules, inputOf, once } from "./rule.js";

/** Over the last axis of x. */
function normalised(b: GraphBuilder, x: Value, epsilon: number) {
  const last = [x.shape.length - 1];
  const centred = once(() => sub(b, x, mean(b, x, last, true)));
  const inverse = once(() =>
    b.op("Reciprocal", [b.op("Sqrt", [affine(b, mean(b, square(b, centred()), last, true), 1, epsilon)])]),
  );
  const h = once(() => mul(b, centred(), inverse()));
  const dx = (dh: Value): Value => {
    const along = mul(b, h(), mean(b, mul(b, dh, h()), last, true));
    return mul(b, sub(b, sub(b, dh, mean(b, dh, last, true)), along), inverse());
  };
  return { h, dx };
}

export const normRules: Pick<GradientRules, "Softmax" | "LayerNorm" | "GroupNorm"> = {
  Softmax(b, node, dy) {
    const y = node.output;
    return [
      () => {
        const weighted = mul(b, dy, y);
        return sub(b, weighted, mul(b, y, sum(b, weighted, [y.shape.length - 1], true)));
      },
    ];
  },
  LayerNorm(b, node, dy) {
    const [x, scale] = [inputOf(node, 0), inputOf(node, 1)];
    const { h, dx } = normalised(b, x, node.attributes.epsilon);
    const others = x.shape.slice(0, -1).map((_, i) => i);
    return [() => dx(mul(b, dy, scale)), () => sum(b, mul(b, dy, h()), others), () => sum(b, dy, others)];
  },
  GroupNorm(b, node, dy) {
    const [x, scale] = [inputOf(node, 0), inputOf(node, 1)];
    const { groups, epsilon } = node.attributes;
    const [n, channels, ...space] = x.shape as [number, number, ...number[]];
    const area = space.reduce((a, s) => a * s, 1);
    const grouped = [n, groups, (channels / groups) * area];
    const perChannel = [n, channels, area];
    const { h, dx } = normalised(b, reshape(b, x, grouped), epsilon);
    const flat = once(() => reshape(b, dy, perChannel));
    return [
      () => {
        const dh = mul(b, flat(), reshape(b, scale, [channels, 1]));
        return reshape(b, dx(reshape(b, dh, grouped)), x.shape);
      },
      () => sum(b, mul(b, flat(), reshape(b, h(), perChannel)), [0, 2]),
      () => sum(b, flat(), [0, 2]),
    ];
  },
};
