// DoRA: a magnitude a row (or column) beside any of the products (Liu et al. 2024). Two stored forms: LyCORIS' dora_scale, whose shape says
// its axis ([out, 1, ...] or [1, in, ...]), and PEFT's lora_magnitude_vector, one value a row in any shape.
import type { DoraDelta, ProductDelta } from "./adapter.js";
import { checkShapes, type ModuleTensors } from "./module-tensors.js";

/** `of` with the module's magnitudes, or as it is where there are none. Throws `adapter-shape`. */
export function withMagnitude(module: ModuleTensors, of: ProductDelta): ProductDelta | DoraDelta {
  const vector = module.tensors.get("magnitude");
  if (vector !== undefined) return { kind: "dora", of, magnitude: vector, axis: "out" };
  const magnitude = module.tensors.get("dora_scale");
  if (magnitude === undefined) return of;
  const long = magnitude.shape.flatMap((size, axis) => (size === 1 ? [] : [axis]));
  checkShapes(long.length <= 1 && (long[0] ?? 0) <= 1, "dora_scale of shape [out, 1, ...] or [1, in, ...]", [
    magnitude,
  ]);
  return { kind: "dora", of, magnitude, axis: long[0] === 1 ? "in" : "out" };
}
