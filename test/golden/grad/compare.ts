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

/**
 * Weights after step `step` of AdamW. Its first steps are lr times the sign of the gradient, nearly: where the stored gradient is smaller than
 * its own bound, the sign is not known, and all that can be asked is that no step was longer than lr. All other elements meet the bound.
 */
export function checkAfter(
  step: number,
  name: string,
  actual: Float32Array,
  golden: GoldenTensors,
  entry: GoldenEntry,
  learningRate: number,
): readonly GoldenCheck[] {
  const full = `after.${step}.${name}`;
  const gradient = golden.get(`grad.${name}`)!.data as Float32Array;
  const uncertain = entry.outputs[`grad.${name}`]!.bound;
  const expected = golden.get(full)!.data as Float32Array;
  const signed = (known: boolean) => (_: number, i: number) => Math.abs(gradient[i]!) > uncertain === known;
  const part = (known: boolean) => difference(actual.filter(signed(known)), expected.filter(signed(known)));
  return [
    { name: full, difference: part(true), bound: entry.outputs[full]!.bound },
    { name: `${full} where its sign is unknown`, difference: part(false), bound: 2 * learningRate * (step + 1) },
  ];
}

export function euclideanNorm(tensors: readonly Float32Array[]): number {
  let squares = 0;
  for (const tensor of tensors) for (const value of tensor) squares += value * value;
  return Math.sqrt(squares);
}
