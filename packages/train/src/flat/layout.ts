// Where every trained weight lies inside one flat float32 vector. One vector keeps an optimiser step at a dozen large nodes
// instead of a dozen a weight, which is what decides the speed where a launch costs more than the arithmetic.
import { FewstepError, type Value } from "@fewstep/core";

export interface FlatEntry {
  readonly name: string;
  readonly shape: readonly number[];
  readonly offset: number;
  readonly size: number;
}

export interface FlatLayout {
  readonly entries: readonly FlatEntry[];
  /** Elements of the vector: all entries, then zeros up to a whole row. */
  readonly length: number;
}

/** The vector is a whole number of rows, so that it can be reduced in two short stages. */
export const ROW = 1024;

export const elements = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);

/** Weights one after another, in the given order; names must differ. */
export function flatLayout(weights: readonly Pick<Value, "id" | "shape">[]): FlatLayout {
  let offset = 0;
  const entries = weights.map(({ id, shape }): FlatEntry => {
    const entry = { name: id, shape, offset, size: elements(shape) };
    offset += entry.size;
    return entry;
  });
  if (new Set(entries.map(({ name }) => name)).size !== entries.length)
    throw new RangeError("two weights of a flat layout share a name");
  return { entries, length: Math.max(1, Math.ceil(offset / ROW)) * ROW };
}

/** The part of `vector` that holds `entry`: a view, not a copy. */
export function viewOf(vector: Float32Array, entry: FlatEntry): Float32Array {
  return vector.subarray(entry.offset, entry.offset + entry.size);
}

/** A vector of what `read` gives for each entry. */
export function packFlat(layout: FlatLayout, read: (entry: FlatEntry) => Float32Array): Float32Array {
  const vector = new Float32Array(layout.length);
  for (const entry of layout.entries) {
    const values = read(entry);
    if (values.length !== entry.size) {
      throw new FewstepError({
        code: "weight-shape",
        message: `weight ${entry.name} has another number of elements`,
        found: String(values.length),
        expected: `${entry.size}, [${entry.shape}]`,
      });
    }
    vector.set(values, entry.offset);
  }
  return vector;
}

/** Every entry of `vector` by its name, as views. */
export function unpackFlat(layout: FlatLayout, vector: Float32Array): ReadonlyMap<string, Float32Array> {
  return new Map(layout.entries.map((entry) => [entry.name, viewOf(vector, entry)]));
}
