// One parameter with its adapters in it, some rows at a time, so that the largest weight of a model (118 MB in single precision) takes no
// more memory than a small one. Where a delta does not come apart by rows (LoKr, cores, magnitudes of columns) it is computed whole.

import { type ComputeOnce, parameterFolder } from "../graph/passes/adapter-fold.js";
import type { NetworkAdapter } from "../graph/passes/adapter-parts.js";
import { elementCount } from "../tensor/shape.js";
import type { PlacedDelta } from "../weights/adapters/adapter.js";
import { deltaRows } from "../weights/adapters/delta-size.js";
import { tensorRows } from "../weights/tensor-rows.js";
import { type LazyTensor, weightsOf } from "../weights/weights.js";

export type StrongAdapter = NetworkAdapter & { readonly strength: number };

/** Elements of a band: 16 MiB in single precision. */
const BAND = 2 ** 22;

/** The values in order, float32, at most `band` elements (or one row) at a time. Throws what ParameterFolder.fold throws. */
export async function* foldedBands(
  name: string,
  tensor: LazyTensor,
  adapters: readonly StrongAdapter[],
  compute: ComputeOnce,
  signal?: AbortSignal,
  band = BAND,
): AsyncGenerator<Float32Array> {
  const own = adapters.map((adapter) => ({
    ...adapter,
    deltas: adapter.deltas.filter(({ module, parameter }) => `${module}.${parameter}` === name),
  }));
  const rows = tensor.shape[0] ?? 1;
  const height = Math.max(1, Math.floor((band * rows) / elementCount(tensor.shape)));
  for (let from = 0; from < rows; from += height) {
    const to = Math.min(rows, from + height);
    const banded = to - from === rows ? undefined : bandOf(own, from, to);
    if (banded === undefined) {
      yield await folded(name, tensor, own, compute, signal);
      return;
    }
    yield await folded(name, tensorRows(tensor, from, to), banded, compute, signal);
  }
}

async function folded(
  name: string,
  base: LazyTensor,
  adapters: readonly StrongAdapter[],
  compute: ComputeOnce,
  signal?: AbortSignal,
): Promise<Float32Array> {
  const outputs = await parameterFolder(weightsOf([[name, base]]), adapters, compute).fold([name], signal);
  return outputs[name]!.data as Float32Array;
}

function bandOf(adapters: readonly StrongAdapter[], from: number, to: number): readonly StrongAdapter[] | undefined {
  const bands: StrongAdapter[] = [];
  for (const adapter of adapters) {
    const deltas: PlacedDelta[] = [];
    for (const placed of adapter.deltas) {
      const delta = placed.transposed ? undefined : deltaRows(placed.delta, from, to);
      if (delta === undefined) return undefined;
      deltas.push({ ...placed, delta });
    }
    bands.push({ ...adapter, deltas });
  }
  return bands;
}
