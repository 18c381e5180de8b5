// noise/philox.json: raw words of Philox 4x32-10, and normals by offset.
import { createPhiloxStream, philoxBlock } from "@fewstep/core";
import type { GoldenCase, GoldenCheck } from "../golden-case.js";
import { checkThat, checkValues, parseBound, type StoredBound } from "../stored-bound.js";

interface StoredCase {
  readonly id: string;
  readonly seed: string;
  readonly words: readonly (readonly string[])[];
  readonly draws: readonly {
    readonly offset: number;
    readonly n: number;
    readonly values: readonly number[];
    readonly last: readonly number[];
    readonly sum: number;
  }[];
}

export function* cases(file: unknown): Iterable<GoldenCase> {
  const { bound, cases: stored } = file as { bound: string; cases: readonly StoredCase[] };
  for (const one of stored) yield { id: one.id, run: () => runCase(one, parseBound(bound)) };
}

function runCase(one: StoredCase, bound: StoredBound): readonly GoldenCheck[] {
  const seed = BigInt(one.seed);
  const key = [Number(seed & 0xffffffffn), Number(seed >> 32n)] as const;
  const words = one.words.map((stored, i) => {
    const block = philoxBlock([0, 0, i, 0], key).map((word) => word.toString(16).padStart(8, "0"));
    return checkThat(`words ${i}`, block.join() === stored.join());
  });
  const stream = createPhiloxStream(seed);
  const draws = one.draws.flatMap(({ offset, n, values, last, sum }, i) => {
    const actual = stream.normalDouble(n);
    return [
      checkValues(`draw ${i} offset`, [i], [offset], bound),
      checkValues(`draw ${i}`, actual.subarray(0, values.length), values, bound),
      checkValues(`draw ${i} last`, actual.subarray(-last.length), last, bound),
      checkValues(`draw ${i} sum`, [actual.reduce((total, value) => total + value, 0)], [sum], bound),
    ];
  });
  return [...words, ...draws];
}
