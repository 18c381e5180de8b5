// Adapters that multiply weights, in kohya's names, on matrices and convolutions of a small model's UNet and first text encoder.
import type { Parts } from "../../families/parts.js";
import { entriesOf } from "../views.js";
import { type TensorSpec, varied } from "./adapter-file.test.fixture.js";

type Tensors = Readonly<Record<string, TensorSpec>>;
const small = (index: number): number => 0.2 * varied(index);
const near1 = (index: number): number => 1 + small(index);
const number = (value: number): TensorSpec => [[], [value]];

/** The tensors of one layer, by its shape [out, in, kernel...]; out is a multiple of 8. */
export const MULTIPLYING: Readonly<Record<string, (shape: readonly number[]) => Tensors>> = {
  oft: ([out]) => ({ oft_blocks: [[out! / 4, 4, 4], small], alpha: number(0) }),
  "oft, constrained and rescaled": ([out, , ...kernel]) => ({
    oft_blocks: [[4, out! / 4, out! / 4], small],
    rescale: [[out!, 1, ...kernel.map(() => 1)], near1],
    alpha: number(0.01),
  }),
  boft: ([out]) => ({ oft_blocks: [[2, out! / 4, 4, 4], small], alpha: number(0) }),
  glora: ([out, width, ...kernel]) => ({
    "a1.weight": [[width!, 2, ...kernel.map(() => 1)], small],
    "a2.weight": [[2, width!, ...kernel.map(() => 1)], small],
    "b1.weight": [[out!, 2, ...kernel.map(() => 1)], small],
    "b2.weight": [[2, width!, ...kernel], small],
    alpha: number(1),
  }),
  "ia3 of outputs": ([out]) => ({ weight: [[out!], small], on_input: number(0) }),
  "ia3 of inputs": ([, width, ...kernel]) => ({
    weight: [kernel.length > 0 ? [1, width!, 1, 1] : [width!], small],
    on_input: number(1),
  }),
};

/** Layers enough to have every kind of one. */
const SOME = /^(?:down_blocks\.1|mid_block|text_model\.encoder\.layers\.0)\./;

export function multiplyingTensors(kind: string, { unet, text }: Parts, prefix = "lora_unet", only = SOME): Tensors {
  const layers = [
    [prefix, unet!.weights],
    ["lora_te", text[0]!.weights],
  ] as const;
  const tensors: Record<string, TensorSpec> = {};
  for (const [begin, weights] of layers) {
    for (const [name, { shape }] of entriesOf(weights)) {
      if (shape.length < 2 || shape[0]! % 8 !== 0 || !name.endsWith(".weight") || !only.test(name)) continue;
      const module = name.slice(0, -".weight".length).replaceAll(".", "_");
      for (const [key, spec] of Object.entries(MULTIPLYING[kind]!(shape))) tensors[`${begin}_${module}.${key}`] = spec;
    }
  }
  return tensors;
}
