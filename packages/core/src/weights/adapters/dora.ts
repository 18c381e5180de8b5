// DoRA: a magnitude a row (or column) beside any of the products (Liu et al. 2024); no trainer puts one beside what multiplies the weight. Two stored forms: LyCORIS' dora_scale, whose shape says
// its axis ([out, 1, ...] or [1, in, ...]), and PEFT's lora_magnitude_vector, one value a row in any shape.
import { FewstepError } from "../../errors.js";
import { showName } from "../../files/show-name.js";
import type { DoraDelta, MultiplyingDelta, ProductDelta } from "./adapter.js";
import { checkShapes, type ModuleTensors } from "./module-tensors.js";

/** `of` with the module's magnitudes, or as it is where there are none. Throws `adapter-shape` or `adapter-format`. */
export function withMagnitude<D extends ProductDelta | MultiplyingDelta>(module: ModuleTensors, of: D): D | DoraDelta {
  const vector = module.tensors.get("magnitude");
  const magnitude = vector ?? module.tensors.get("dora_scale");
  if (magnitude === undefined) return of;
  if (of.kind === "glora" || of.kind === "rotation" || of.kind === "ia3") {
    throw new FewstepError({
      code: "adapter-format",
      message: "an adapter has magnitudes beside what multiplies the weight",
      found: `${showName(magnitude.name)} beside ${of.kind === "rotation" ? "OFT" : of.kind === "glora" ? "GLoRA" : "IA3"}`,
      expected: "magnitudes beside LoRA, LoHa or LoKr",
      hint: "merge it into a checkpoint with the program that trained it, and use the checkpoint",
    });
  }
  if (vector !== undefined) return { kind: "dora", of, magnitude: vector, axis: "out" };
  const long = magnitude.shape.flatMap((size, axis) => (size === 1 ? [] : [axis]));
  checkShapes(long.length <= 1 && (long[0] ?? 0) <= 1, "dora_scale of shape [out, 1, ...] or [1, in, ...]", [
    magnitude,
  ]);
  return { kind: "dora", of, magnitude, axis: long[0] === 1 ? "in" : "out" };
}
