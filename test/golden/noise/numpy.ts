// noise/numpy.json: RandomState.randn and default_rng().standard_normal, with raw words and uniforms.
import { createNumpyDefaultStream, createNumpyStream } from "@fewstep/core";
import type { GoldenCase, GoldenCheck } from "../golden-case.js";
import { checkThat, checkValues, parseBound, type StoredBound } from "../stored-bound.js";

interface StoredCase {
  readonly id: string;
  readonly seed: number;
  readonly first?: readonly number[];
  readonly last?: readonly number[];
  readonly sum?: number;
  readonly then_three?: readonly number[];
  readonly draws?: readonly (readonly number[])[];
  readonly uniform?: readonly number[];
  readonly after?: readonly number[];
  readonly bits?: readonly string[];
  readonly float32?: readonly number[];
}

/** Length of the long draw of which the file keeps the ends and the sum. */
const longDraw = 1000;

export function* cases(file: unknown): Iterable<GoldenCase> {
  const { bound, cases: stored } = file as { bound: string; cases: readonly StoredCase[] };
  for (const one of stored) {
    const run = one.bits !== undefined ? compareDefault : one.draws !== undefined ? compareOdd : compareLong;
    yield { id: one.id, run: () => run(one, parseBound(bound)) };
  }
}

function compareLong(one: StoredCase, bound: StoredBound): readonly GoldenCheck[] {
  const stream = createNumpyStream(BigInt(one.seed));
  const values = stream.normalDouble(longDraw);
  return [
    ...compareEnds(values, one, bound),
    checkValues("then_three", stream.normalDouble(3), one.then_three ?? [], bound),
  ];
}

function compareOdd(one: StoredCase, bound: StoredBound): readonly GoldenCheck[] {
  const stream = createNumpyStream(BigInt(one.seed));
  const draws = (one.draws ?? []).map((draw, i) =>
    checkValues(`draw ${i}`, stream.normalDouble(draw.length), draw, bound),
  );
  const uniform = (one.uniform ?? []).map(() => stream.uniform());
  return [
    ...draws,
    checkValues("uniform", uniform, one.uniform ?? [], bound),
    checkValues("after", stream.normalDouble(one.after?.length ?? 0), one.after ?? [], bound),
  ];
}

function compareDefault(one: StoredCase, bound: StoredBound): readonly GoldenCheck[] {
  const open = () => createNumpyDefaultStream(BigInt(one.seed));
  const raw = open();
  const uniform = open();
  return [
    checkThat(
      "bits",
      (one.bits ?? []).every((word) => raw.bits() === BigInt(word)),
    ),
    ...compareEnds(open().normalDouble(longDraw), one, bound),
    checkValues("float32", open().normal(one.float32?.length ?? 0), one.float32 ?? [], bound),
    checkValues(
      "uniform",
      (one.uniform ?? []).map(() => uniform.uniform()),
      one.uniform ?? [],
      bound,
    ),
  ];
}

function compareEnds(
  values: Float64Array,
  { first = [], last = [], sum = Number.NaN }: StoredCase,
  bound: StoredBound,
) {
  // A sum is as exact as the sum of magnitudes it cancels from.
  const magnitude = values.reduce((total, value) => total + Math.abs(value), 0);
  const whole = { ...bound, kind: "absolute", value: bound.value * magnitude } as const;
  return [
    checkValues("first", values.subarray(0, first.length), first, bound),
    checkValues("last", values.subarray(-last.length), last, bound),
    checkValues("sum", [values.reduce((total, value) => total + value, 0)], [sum], whole),
  ];
}
