// A LoRA file of this library's layout back into the flat vector it was written from: to go on from, or to make a teacher.
import { FewstepError, readTensor, type Weights } from "@fewstep/core";
import { type FlatLayout, packFlat } from "../flat/layout.js";
import { LORA_PART, loraModuleName } from "./lora-file.js";

/** Throws `lora-misfit` where a weight is missing, of another rank or shape, or left over, or where alpha is another. */
export async function readLora(
  layout: FlatLayout,
  weights: Weights,
  alpha: number,
  signal?: AbortSignal,
): Promise<Float32Array> {
  const values = new Map<string, Float32Array>();
  const used = new Set<string>();
  const take = async (name: string): Promise<Float32Array> => {
    const tensor = weights.get(name);
    if (tensor === undefined) throw misfit(`it lacks ${name}`);
    used.add(name);
    return readTensor(tensor, signal);
  };
  for (const { name, size } of layout.entries) {
    const [, module, part] = LORA_PART.exec(name)!;
    const key = loraModuleName(module!);
    const weight = await take(`${key}.${part}`);
    if (weight.length !== size) throw misfit(`${key}.${part} has ${weight.length} numbers, not ${size}`);
    const [stated] = await take(`${key}.alpha`);
    if (Math.abs(stated! - alpha) > 1e-3 * Math.abs(alpha)) throw misfit(`alpha is ${stated}, not ${alpha}`);
    values.set(name, weight);
  }
  const left = [...weights.names].filter((name) => !used.has(name));
  if (left.length > 0) throw misfit(`${left.length} weights are of no use, such as ${left[0]}`);
  return packFlat(layout, ({ name }) => values.get(name)!);
}

function misfit(found: string): FewstepError {
  return new FewstepError({
    code: "lora-misfit",
    message: "the LoRA cannot be trained further here",
    found,
    expected: "a LoRA that fewstep trained on the same base, with the same rank and alpha",
    hint: "use the --rank and --alpha that it was trained with",
  });
}
