// The tensors of a golden .safetensors file, from wherever its bytes are: float32 and int64 only.
import { type FileSource, openSafetensors, readTensor, readTensorBytes, type Tensor } from "@fewstep/core";
import type { GoldenTensors } from "./golden-case.js";

export async function goldenTensors(file: FileSource): Promise<GoldenTensors> {
  const { weights } = await openSafetensors(file);
  const tensors = new Map<string, Tensor>();
  for (const name of weights.names) {
    const lazy = weights.get(name)!;
    if (lazy.dtype === "i64") {
      const bytes = await readTensorBytes(lazy);
      const data = new BigInt64Array(bytes.slice().buffer);
      tensors.set(name, { dtype: "i64", shape: lazy.shape, data });
    } else tensors.set(name, { dtype: "f32", shape: lazy.shape, data: await readTensor(lazy) });
  }
  return tensors;
}
