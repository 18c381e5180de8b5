// Gradients of ops that work element by element on one input: dx = dy * f'(x), with y = f(x) used where it saves work.
import type { GraphBuilder, NodeOf, OpName, Value } from "@fewstep/core";
import { add, affine, div, mul, square, sub } from "./expressions.js";
import { type GradientRule, type GradientRules, inputOf } from "./rule.js";

/** dx from x, y and dy. */
function unary<O extends OpName>(
  gradient: (b: GraphBuilder, x: Value, y: Value, dy: Value, attributes: NodeOf<O>["attributes"]) => Value,
): GradientRule<O> {
  return (b, node, dy) => [() => gradient(b, inputOf(node, 0), node.output, dy, node.attributes)];
}

const step = (b: GraphBuilder, x: Value): Value => b.op("Step", [x]);
const exp = (b: GraphBuilder, x: Value): Value => b.op("Exp", [x]);

/** x sigmoid(k x): s + k y (1 - s), s = sigmoid(k x). */
function sigmoidGated(b: GraphBuilder, x: Value, y: Value, dy: Value, k: number): Value {
  const s = b.op("Sigmoid", [k === 1 ? x : affine(b, x, k)]);
  return mul(b, dy, add(b, s, mul(b, k === 1 ? y : affine(b, y, k), affine(b, s, -1, 1))));
}

/** x Phi(x): Phi(x) + x phi(x). */
function gelu(b: GraphBuilder, x: Value, dy: Value): Value {
  const cumulative = affine(b, b.op("Erf", [affine(b, x, Math.SQRT1_2)]), 0.5, 0.5);
  const density = affine(b, exp(b, affine(b, square(b, x), -0.5)), 1 / Math.sqrt(2 * Math.PI));
  return mul(b, dy, add(b, cumulative, mul(b, x, density)));
}

type Elementwise =
  | "Neg"
  | "Exp"
  | "Log"
  | "Sqrt"
  | "Reciprocal"
  | "Abs"
  | "Sin"
  | "Cos"
  | "Erf"
  | "Tanh"
  | "Sigmoid"
  | "Relu"
  | "Step"
  | "Silu"
  | "Gelu"
  | "QuickGelu"
  | "Clip"
  | "Affine";

export const elementwiseRules: Pick<GradientRules, Elementwise> = {
  Neg: unary((b, _x, _y, dy) => b.op("Neg", [dy])),
  Exp: unary((b, _x, y, dy) => mul(b, dy, y)),
  Log: unary((b, x, _y, dy) => div(b, dy, x)),
  Sqrt: unary((b, _x, y, dy) => div(b, affine(b, dy, 0.5), y)),
  Reciprocal: unary((b, _x, y, dy) => b.op("Neg", [mul(b, dy, square(b, y))])),
  Abs: unary((b, x, _y, dy) => mul(b, dy, sub(b, step(b, x), step(b, b.op("Neg", [x]))))),
  Sin: unary((b, x, _y, dy) => mul(b, dy, b.op("Cos", [x]))),
  Cos: unary((b, x, _y, dy) => b.op("Neg", [mul(b, dy, b.op("Sin", [x]))])),
  Erf: unary((b, x, _y, dy) => mul(b, dy, affine(b, exp(b, b.op("Neg", [square(b, x)])), 2 / Math.sqrt(Math.PI)))),
  Tanh: unary((b, _x, y, dy) => mul(b, dy, affine(b, square(b, y), -1, 1))),
  Sigmoid: unary((b, _x, y, dy) => mul(b, dy, sub(b, y, square(b, y)))),
  Relu: unary((b, x, _y, dy) => mul(b, dy, step(b, x))),
  Step: () => [undefined],
  Silu: unary((b, x, y, dy) => sigmoidGated(b, x, y, dy, 1)),
  Gelu: unary((b, x, _y, dy) => gelu(b, x, dy)),
  QuickGelu: unary((b, x, y, dy) => sigmoidGated(b, x, y, dy, 1.702)),
  // 1 inside, both ends included, as in PyTorch
  Clip: unary<"Clip">((b, x, _y, dy, { min, max }) => {
    const below = step(b, affine(b, x, -1, min));
    const above = step(b, affine(b, x, 1, -max));
    return mul(b, dy, affine(b, add(b, below, above), -1, 1));
  }),
  Affine: unary<"Affine">((b, _x, _y, dy, { scale }) => affine(b, dy, scale)),
};
