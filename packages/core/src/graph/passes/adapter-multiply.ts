// Deltas that are the weight itself times something small: GLoRA's product on the inputs, (IA)^3's factors.
import { elementCount } from "../../tensor/shape.js";
import type { GloraDelta, Ia3Delta } from "../../weights/adapters/adapter.js";
import type { Value } from "../graph.js";
import { NO_TRANSPOSE, type Scope } from "./adapter-scope.js";

/** by W enter leave, over the input axis: sum over i and r of W[o, i, ...] enter[i, r] leave[r, j]. */
export function weightThroughRank({ parts, id, shape }: Scope, delta: GloraDelta, base: Value, by: Value): Value {
  const [out, width, ...kernel] = shape as [number, number, ...number[]];
  const area = elementCount(kernel);
  const enter = parts.op("Mul", [parts.factor(id, delta.enter, [width, delta.rank]), by]);
  const leave = parts.factor(id, delta.leave, [delta.rank, width]);
  const turn = { permutation: [0, 2, 1] } as const;
  const apart = parts.op("Transpose", [parts.op("Reshape", [base], { shape: [out, width, area] })], turn);
  const list = parts.op("Reshape", [apart], { shape: [out * area, width] });
  const narrow = parts.op("MatMul", [list, enter], NO_TRANSPOSE);
  const wide = parts.op("MatMul", [narrow, leave], NO_TRANSPOSE);
  const back = parts.op("Transpose", [parts.op("Reshape", [wide], { shape: [out, area, width] })], turn);
  return parts.op("Reshape", [back], { shape });
}

/** W o scale, a factor for each row or each input. */
export function ia3Change({ parts, id, shape }: Scope, { scale, onInput }: Ia3Delta, base: Value): Value {
  const axis = onInput ? 1 : 0;
  const factors = parts.factor(
    id,
    scale,
    shape.map((size, i) => (i === axis ? size : 1)),
  );
  return parts.op("Mul", [base, factors]);
}
