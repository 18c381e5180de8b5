// Weights: a read-only name -> lazy tensor view. Views (subset, rename, stripPrefix, overlay) are new values over the same lazy
// tensors; nothing is read until readTensor or readBytes, and then only that tensor's bytes.
import type { FileSource } from "../files/source.js";
import type { DType } from "../tensor/dtype.js";

/** Where a tensor lies in a file. */
export interface LazyTensor {
  /** The name it has in its file, which a view may call otherwise. */
  readonly name: string;
  readonly dtype: DType;
  readonly shape: readonly number[];
  readonly file: FileSource;
  /** Absolute byte offset in the file. */
  readonly offset: number;
  readonly byteLength: number;
}

export interface Weights {
  readonly names: ReadonlySet<string>;
  get(name: string): LazyTensor | undefined;
  has(name: string): boolean;
}

/** Weights over a list of [name, tensor]. Names must differ. */
export function weightsOf(entries: Iterable<readonly [string, LazyTensor]>): Weights {
  const byName = new Map(entries);
  return Object.freeze({
    names: new Set(byName.keys()),
    get: (name: string) => byName.get(name),
    has: (name: string) => byName.has(name),
  });
}
