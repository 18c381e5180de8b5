// Gradients of broadcasting arithmetic on two inputs; what was broadcast is summed back.
import type { GraphBuilder, OpName, Value } from "@fewstep/core";
import { affine, div, mul, sub, sumTo } from "./expressions.js";
import { type GradientRule, type GradientRules, inputOf } from "./rule.js";

type Side = (b: GraphBuilder, inputs: { readonly x: Value; readonly z: Value; readonly y: Value }, dy: Value) => Value;

/** y = f(x, z). */
function binary<O extends OpName>(dx: Side, dz: Side): GradientRule<O> {
  return (b, node, dy) => {
    const [x, z] = [inputOf(node, 0), inputOf(node, 1)];
    const inputs = { x, z, y: node.output };
    return [() => sumTo(b, dx(b, inputs, dy), x.shape), () => sumTo(b, dz(b, inputs, dy), z.shape)];
  };
}

const through: Side = (_b, _inputs, dy) => dy;

/** 1 where p > q, 0 where p < q, one half where they are equal, as in PyTorch. */
function wins(b: GraphBuilder, p: Value, q: Value): Value {
  const above = b.op("Step", [sub(b, p, q)]);
  const below = b.op("Step", [sub(b, q, p)]);
  return affine(b, sub(b, above, below), 0.5, 0.5);
}

type Binary = "Add" | "Sub" | "Mul" | "Div" | "Maximum" | "Minimum";

export const binaryRules: Pick<GradientRules, Binary> = {
  Add: binary(through, through),
  Sub: binary(through, (b, _inputs, dy) => b.op("Neg", [dy])),
  Mul: binary(
    (b, { z }, dy) => mul(b, dy, z),
    (b, { x }, dy) => mul(b, dy, x),
  ),
  Div: binary(
    (b, { z }, dy) => div(b, dy, z),
    (b, { z, y }, dy) => b.op("Neg", [div(b, mul(b, dy, y), z)]),
  ),
  Maximum: binary(
    (b, { x, z }, dy) => mul(b, dy, wins(b, x, z)),
    (b, { x, z }, dy) => mul(b, dy, wins(b, z, x)),
  ),
  Minimum: binary(
    (b, { x, z }, dy) => mul(b, dy, wins(b, z, x)),
    (b, { x, z }, dy) => mul(b, dy, wins(b, x, z)),
  ),
};
