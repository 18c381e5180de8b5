// Reads a golden .safetensors file whole: float32 and int64 tensors only.
import { openSafetensors, readTensor, readTensorBytes, type Tensor } from "@fewstep/core";
import { openFile } from "@fewstep/core/node";
import type { GoldenTensors } from "./golden-case.js";

export async function readGolden(path: string): Promise<GoldenTensors> {
  const { weights } = await openSafetensors(await openFile(path));
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
