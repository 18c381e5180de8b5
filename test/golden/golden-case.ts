// What the golden runner runs: a case makes checks, a check is a difference beside the bound that the reference states.
import type { FileSource, Runtime, Tensor } from "@fewstep/core";

export interface GoldenCheck {
  readonly name: string;
  /** Largest absolute difference, in the bound's unit; anything not finite fails. */
  readonly difference: number;
  readonly bound: number;
}

export type GoldenCase =
  | { readonly id: string; readonly run: () => Promise<readonly GoldenCheck[]> | readonly GoldenCheck[] }
  | { readonly id: string; readonly skip: string };

/** One entry of index.json. */
export interface GoldenEntry {
  readonly model: string | readonly string[];
  readonly call: string;
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly outputs: Readonly<Record<string, { readonly rms: number; readonly floor: number; readonly bound: number }>>;
  readonly same_as?: string;
  /** Specs of the adapters that belong to it. */
  readonly files?: readonly string[];
  readonly reference?: string;
}

/** The tensors of a golden file by name. */
export type GoldenTensors = ReadonlyMap<string, Tensor>;

/** What cases that need networks are given. */
export interface GoldenBench {
  readonly runtime: Runtime;
  /** Path of a golden or spec file below the folder under test. */
  path(relative: string): string;
  /** Makes the model of a spec (once; kept in a cache) and opens it. */
  model(spec: string): Promise<FileSource>;
  /** Reads a golden JSON file. */
  json(relative: string): Promise<unknown>;
  /** Reads a golden .safetensors file. */
  tensors(relative: string): Promise<GoldenTensors>;
  /** The entry of index.json for a golden file. */
  entry(relative: string): GoldenEntry | undefined;
}

/** Largest absolute difference; NaN if the lengths differ or either side has a value that is not finite. */
export function difference(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  if (actual.length !== expected.length) return Number.NaN;
  let largest = 0;
  for (let i = 0; i < actual.length; i++) {
    const d = Math.abs(actual[i]! - expected[i]!);
    if (!(d <= largest)) largest = d;
    if (Number.isNaN(largest)) return Number.NaN;
  }
  return largest;
}

/** A check of one stored tensor against its entry's bound. */
export function checkTensor(
  name: string,
  actual: ArrayLike<number>,
  tensors: GoldenTensors,
  entry: GoldenEntry,
): GoldenCheck {
  const expected = tensors.get(name);
  const bound = entry.outputs[name]?.bound;
  if (expected === undefined || bound === undefined) throw new RangeError(`the golden has no ${name}`);
  return { name, difference: difference(actual, expected.data as Float32Array), bound };
}
