// Golden tensors with one value of each output moved by a little more than twice its bound: what no comparison may let pass.
import type { Tensor } from "@fewstep/core";
import type { GoldenTensors } from "./golden-case.js";
import { pick } from "./seeded.js";

/** Times the bound. Twice, and a little more, for what rounding to float32 takes away. */
export const MOVE = 2.02;

/** The tensor with one of its values moved: by `amount` up or down, or (identifiers) to the next one. */
function moved(tensor: Tensor, amount: number, random: () => number): Tensor {
  const at = Math.floor(random() * tensor.data.length);
  if (tensor.dtype === "i64") {
    const data = tensor.data.slice();
    data[at] = data[at]! + 1n;
    return { ...tensor, data };
  }
  if (tensor.dtype !== "f32") throw new RangeError(`goldens hold f32 and i64, not ${tensor.dtype}`);
  const data = tensor.data.slice();
  data[at] = data[at]! + pick([-amount, amount], random);
  return { ...tensor, data };
}

/** One value of every tensor that has a bound. */
export function movedTensors(
  tensors: GoldenTensors,
  bounds: ReadonlyMap<string, number>,
  random: () => number,
): GoldenTensors {
  return new Map(
    [...tensors].map(([name, tensor]) => {
      const bound = bounds.get(name);
      return [name, bound === undefined ? tensor : moved(tensor, MOVE * bound, random)];
    }),
  );
}
