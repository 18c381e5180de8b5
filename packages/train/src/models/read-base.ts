// The networks of a checkpoint as the base recipe's flat vector: how training goes on from a file.
import { readTensor, type Weights } from "@fewstep/core";
import { reduceTable, type TokenRows } from "../data/token-rows.js";
import { type FlatLayout, packFlat } from "../flat/layout.js";
import { TEXT, UNET } from "../recipes/base.js";
import { TOKEN_TABLE } from "./network.js";
import { missingWeight } from "./read-vector.js";

export interface BaseWeights {
  readonly unet: Weights;
  readonly text: Weights;
}

/** @throws FewstepError `weight-missing`, `weight-shape`, and the reader's codes */
export async function readBase(
  layout: FlatLayout,
  { unet, text }: BaseWeights,
  rows: TokenRows,
  signal?: AbortSignal,
): Promise<Float32Array> {
  const values = new Map<string, Float32Array>();
  for (const { name, shape } of layout.entries) {
    const [weights, inner] = name.startsWith(UNET) ? [unet, name.slice(UNET.length)] : [text, name.slice(TEXT.length)];
    const tensor = weights.get(inner);
    if (tensor === undefined) throw missingWeight(inner);
    const read = await readTensor(tensor, signal);
    values.set(name, inner === TOKEN_TABLE ? reduceTable(read, rows, shape[1]!) : read);
  }
  return packFlat(layout, ({ name }) => values.get(name)!);
}
