// How gradients are stored and compared: scalars, whole tensors, or the first rows of large ones.
import { difference, type GoldenCheck, type GoldenEntry, type GoldenTensors } from "../golden-case.js";

/** Larger tensors are stored by their first rows. */
const STORED_WHOLE = 40_000;

export function checkRows(
  name: string,
  actual: Float32Array,
  golden: GoldenTensors,
  { outputs }: GoldenEntry,
): GoldenCheck {
  const expected = golden.get(name);
  const bound = outputs[name]?.bound;
  if (expected === undefined || bound === undefined) throw new RangeError(`the golden has no ${name}`);
  const data = expected.data as Float32Array;
  const compared = actual.length > STORED_WHOLE ? actual.subarray(0, data.length) : actual;
  return { name, difference: difference(compared, data), bound };
}

export function euclideanNorm(tensors: readonly Float32Array[]): number {
  let squares = 0;
  for (const tensor of tensors) for (const value of tensor) squares += value * value;
  return Math.sqrt(squares);
}
