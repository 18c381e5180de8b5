// log(1 + exp(x)) without overflow: max(x, 0) + log(1 + exp(-|x|)).
import type { GraphBuilder, Value } from "@fewstep/core";

export function softplus(b: GraphBuilder, x: Value): Value {
  const decayed = b.op("Exp", [b.op("Neg", [b.op("Abs", [x])])]);
  return b.op("Add", [b.op("Relu", [x]), b.op("Log", [b.op("Affine", [decayed], { scale: 1, shift: 1 })])]);
}
