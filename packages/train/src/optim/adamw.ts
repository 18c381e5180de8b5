// One AdamW update of a flat vector as graph ops (Loshchilov and Hutter 2019, decoupled weight decay; torch.optim.AdamW's order).
//   m <- b1 m + (1 - b1) g,  v <- b2 v + (1 - b2) g^2
//   p <- (1 - lr wd) p - lr (m / (1 - b1^t)) / (sqrt(v / (1 - b2^t)) + eps)
import type { GraphBuilder, Value } from "@fewstep/core";

export interface AdamOptions {
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
  readonly weightDecay: number;
}

export interface AdamState {
  readonly p: Value;
  readonly m: Value;
  readonly v: Value;
}

/** What changes from step to step, each of shape [1]. */
export interface AdamScalars {
  readonly learningRate: Value;
  /** 1 / (1 - beta1^t) and 1 / sqrt(1 - beta2^t), t counting from 1. */
  readonly correction1: Value;
  readonly correction2: Value;
}

const scaled = (b: GraphBuilder, x: Value, scale: number): Value => b.op("Affine", [x], { scale, shift: 0 });

export function adamw(
  b: GraphBuilder,
  state: AdamState,
  gradient: Value,
  { learningRate, correction1, correction2 }: AdamScalars,
  { beta1, beta2, epsilon, weightDecay }: AdamOptions,
): AdamState {
  const m = b.op("Add", [scaled(b, state.m, beta1), scaled(b, gradient, 1 - beta1)]);
  const squared = b.op("Mul", [gradient, gradient]);
  const v = b.op("Add", [scaled(b, state.v, beta2), scaled(b, squared, 1 - beta2)]);
  const root = b.op("Mul", [b.op("Sqrt", [v]), correction2]);
  const direction = b.op("Div", [b.op("Mul", [m, correction1]), b.op("Affine", [root], { scale: 1, shift: epsilon })]);
  const decayed =
    weightDecay === 0
      ? state.p
      : b.op("Mul", [state.p, b.op("Affine", [learningRate], { scale: -weightDecay, shift: 1 })]);
  return { p: b.op("Sub", [decayed, b.op("Mul", [direction, learningRate])]), m, v };
}

/** The scalars of update `t`, counted from 1, as numbers. */
export function adamCorrections(t: number, { beta1, beta2 }: AdamOptions): readonly [number, number] {
  return [1 / (1 - beta1 ** t), 1 / Math.sqrt(1 - beta2 ** t)];
}
