// Gradient of attention. The probabilities are not kept by the forward pass: they are computed again (Dao et al. 2022, algorithm 4).
//   P = softmax(s q k^T), dv = P^T dy, dP = dy v^T, dS = P (dP - rowsum(dy y)), dq = dS (s k), dk = dS^T (s q)
import type { GraphBuilder, Value } from "@fewstep/core";
import { add, affine, matMul, mul, reshape, sub, sum, transpose } from "./expressions.js";
import { type GradientRule, inputOf, once } from "./rule.js";

/** [B, L, heads * d] -> [B, heads, L, d]. */
function split(b: GraphBuilder, x: Value, heads: number): Value {
  const [batch, length, width] = x.shape as [number, number, number];
  return transpose(b, reshape(b, x, [batch, length, heads, width / heads]), [0, 2, 1, 3]);
}

/** [B, heads, L, d] -> [B, L, heads * d]. */
function join(b: GraphBuilder, x: Value): Value {
  const [batch, heads, length, width] = x.shape as [number, number, number, number];
  return reshape(b, transpose(b, x, [0, 2, 1, 3]), [batch, length, heads * width]);
}

/** 0 where position i may see j <= i, else minus infinity. */
function causalMask(b: GraphBuilder, length: number, seen: number): Value {
  const mask = new Float32Array(length * seen);
  for (let i = 0; i < length; i++)
    mask.fill(Number.NEGATIVE_INFINITY, i * seen + Math.min(i + 1, seen), (i + 1) * seen);
  return b.constant([length, seen], mask);
}

export const attentionRule: GradientRule<"Attention"> = (b, node, dy) => {
  const { heads, causal } = node.attributes;
  const [q, k, v] = [0, 1, 2].map((i) => once(() => split(b, inputOf(node, i), heads))) as [
    () => Value,
    () => Value,
    () => Value,
  ];
  const [length, width] = inputOf(node, 0).shape.slice(1) as [number, number];
  const scale = 1 / Math.sqrt(width / heads);
  const scaledQ = once(() => affine(b, q(), scale));
  const dOut = once(() => split(b, dy, heads));
  const probabilities = once(() => {
    const scores = matMul(b, scaledQ(), k(), false, true);
    return b.op("Softmax", [causal ? add(b, scores, causalMask(b, length, inputOf(node, 1).shape[1]!)) : scores]);
  });
  const dScores = once(() => {
    const along = sum(b, mul(b, dOut(), split(b, node.output, heads)), [3], true);
    return mul(b, probabilities(), sub(b, matMul(b, dOut(), v(), false, true), along));
  });
  return [
    // scaled here, where the tensors are small
    () => join(b, matMul(b, dScores(), affine(b, k(), scale))),
    () => join(b, matMul(b, dScores(), scaledQ(), true)),
    () => join(b, matMul(b, probabilities(), dOut(), true)),
  ];
};
