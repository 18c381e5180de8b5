// (IA)^3: a factor for each output or input of a layer (Liu et al. 2022), as LyCORIS stores it: `weight` of shape [n], or [1, n, 1, 1] for
// convolutions, by which the layer's weight grows, and `on_input`.
import type { Ia3Delta } from "./adapter.js";
import { checkShapes, type ModuleTensors, required } from "./module-tensors.js";

/** Throws `adapter-incomplete` or `adapter-shape`. */
export function ia3Delta(module: ModuleTensors): Ia3Delta {
  const scale = required(module, "weight");
  const long = scale.shape.filter((size) => size !== 1);
  checkShapes(scale.shape.length > 0 && long.length <= 1 && !long.includes(0), "one factor for each channel", [scale]);
  return { kind: "ia3", scale, onInput: module.onInput === 1 };
}
