// A band of a tensor's rows: a smaller view of the same bytes.
import type { LazyTensor } from "./weights.js";

/** Rows `from` to `to` (exclusive) of the first axis. */
export function tensorRows(tensor: LazyTensor, from: number, to: number): LazyTensor {
  const [first, ...rest] = tensor.shape as [number, ...number[]];
  const rowBytes = tensor.byteLength / first;
  return {
    ...tensor,
    name: `${tensor.name}[${from}:${to}]`,
    shape: [to - from, ...rest],
    offset: tensor.offset + from * rowBytes,
    byteLength: (to - from) * rowBytes,
  };
}
