// Weights of a file as one flat vector: how a network that lies on disk becomes a resident.
import { FewstepError, readTensor, type Weights } from "@fewstep/core";
import { type FlatLayout, packFlat } from "../flat/layout.js";

/** Throws `weight-missing`, `weight-shape`, and the reader's codes. */
export async function readVector(layout: FlatLayout, weights: Weights, signal?: AbortSignal): Promise<Float32Array> {
  const values = new Map<string, Float32Array>();
  for (const { name } of layout.entries) {
    const tensor = weights.get(name);
    if (tensor === undefined) throw missingWeight(name);
    values.set(name, await readTensor(tensor, signal));
  }
  return packFlat(layout, ({ name }) => values.get(name)!);
}

export const missingWeight = (name: string): FewstepError =>
  new FewstepError({
    code: "weight-missing",
    message: `the file lacks the weight ${name}`,
    hint: "give a whole file: encoder and decoder both, where it is an autoencoder",
  });
