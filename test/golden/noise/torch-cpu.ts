// noise/torch-cpu.json: torch.randn on the CPU; seeds, sizes, types, runs of draws, batches and mixed draws.
// `sha256` and `formula_max_diff` describe torch's own bits and are no requirement.
import { createTorchCpuStream, type TorchPrecision } from "@fewstep/core";
import type { GoldenCase, GoldenCheck } from "../golden-case.js";
import { checkThat, checkValues, parseBound, type StoredBound } from "../stored-bound.js";

interface StoredDraw {
  readonly n: number;
  readonly values?: readonly number[];
  readonly first?: readonly number[];
  readonly last?: readonly number[];
  readonly sum?: number;
  readonly sum_abs?: number;
}

interface StoredCase extends Partial<StoredDraw> {
  readonly id: string;
  readonly seed: number;
  readonly shape?: readonly number[];
  readonly dtype?: TorchPrecision;
  readonly draws?: readonly StoredDraw[];
  readonly one_generator?: readonly number[];
  readonly seed_plus_index?: readonly number[];
  readonly rand5?: readonly number[];
  readonly randint4?: readonly number[];
  readonly randn16?: readonly number[];
  readonly randperm8?: readonly number[];
  readonly randn3?: readonly number[];
  readonly rand3d?: readonly number[];
}

interface StoredFile {
  readonly bound: { readonly double_formula: string; readonly float64: string; readonly float16: string };
  readonly semantics: Readonly<Record<string, unknown>>;
  readonly cases: readonly StoredCase[];
}

export function* cases(file: unknown): Iterable<GoldenCase> {
  const { bound: words, semantics, cases: stored } = file as StoredFile;
  const bounds = {
    float32: parseBound(words.double_formula),
    float64: parseBound(words.float64),
    float16: parseBound(words.float16),
  };
  for (const one of stored) yield { id: one.id, run: () => runCase(one, bounds) };
  yield { id: "semantics", run: () => compareSemantics(semantics) };
}

type Bounds = Readonly<Record<TorchPrecision, StoredBound>>;

function runCase(one: StoredCase, bounds: Bounds): readonly GoldenCheck[] {
  const seed = BigInt(one.seed);
  const stream = createTorchCpuStream(seed);
  if (one.draws !== undefined) {
    return one.draws.flatMap((draw, i) => compareDraw(`draw ${i}`, stream.normal(draw.n), draw, bounds.float32));
  }
  const count = (one.shape ?? []).reduce((product, size) => product * size, 1);
  if (one.one_generator !== undefined) {
    const images = one.shape![0]!;
    const each = Array.from({ length: images }, (_, i) => [
      ...createTorchCpuStream(seed + BigInt(i)).normal(count / images),
    ]).flat();
    return [
      checkValues("one_generator", stream.normal(count), one.one_generator, bounds.float32),
      checkValues("seed_plus_index", each, one.seed_plus_index ?? [], bounds.float32),
    ];
  }
  if (one.rand5 !== undefined) return compareMixed(one, stream, bounds);
  const precision = one.dtype ?? "float32";
  return compareDraw("values", stream.normal(count, precision), { n: count, ...one }, bounds[precision]);
}

function compareDraw(name: string, actual: Float32Array | Float64Array, stored: StoredDraw, bound: StoredBound) {
  const checks = [checkValues(`${name} count`, [actual.length], [stored.n], bound)];
  const { values, first, last, sum, sum_abs } = stored;
  if (values !== undefined) checks.push(checkValues(name, actual, values, bound));
  if (first !== undefined) checks.push(checkValues(`${name} first`, actual.subarray(0, first.length), first, bound));
  if (last !== undefined) checks.push(checkValues(`${name} last`, actual.subarray(-last.length), last, bound));
  // Each value may be off by the bound, so a sum may be off by as many of them.
  const whole = { ...bound, value: bound.value * stored.n };
  if (sum !== undefined) checks.push(checkValues(`${name} sum`, [total(actual, (x) => x)], [sum], whole));
  if (sum_abs !== undefined) checks.push(checkValues(`${name} sum_abs`, [total(actual, Math.abs)], [sum_abs], whole));
  return checks;
}

/** One generator asked for everything torch has: uniforms, integers, a permutation, normals. */
function compareMixed(one: StoredCase, stream: ReturnType<typeof createTorchCpuStream>, bounds: Bounds) {
  const times = <T>(count: number, draw: (i: number) => T) => Array.from({ length: count }, (_, i) => draw(i));
  const check = (
    name: string,
    actual: ArrayLike<number>,
    expected: ArrayLike<number> | undefined,
    bound: StoredBound,
  ) => checkValues(name, actual, expected ?? [], bound);
  return [
    check("rand5", times(5, stream.uniform), one.rand5, bounds.float32),
    check(
      "randint4",
      times(4, () => stream.word() % 1000),
      one.randint4,
      bounds.float32,
    ),
    check("randn16", stream.normal(16), one.randn16, bounds.float32),
    check("randperm8", permutation(8, stream.word), one.randperm8, bounds.float32),
    check("randn3", stream.normal(3), one.randn3, bounds.float32),
    check("rand3d", times(3, stream.uniformDouble), one.rand3d, bounds.float64),
  ];
}

/** torch.randperm: exchanges from the front, the partner by a word's remainder. */
function permutation(count: number, word: () => number): readonly number[] {
  const order = Array.from({ length: count }, (_, i) => i);
  for (let i = 0; i < count - 1; i++) {
    const partner = i + (word() % (count - i));
    [order[i], order[partner]] = [order[partner]!, order[i]!];
  }
  return order;
}

function compareSemantics(semantics: Readonly<Record<string, unknown>>): readonly GoldenCheck[] {
  const first = (seed: bigint) => createTorchCpuStream(seed).normal(16)[0]!;
  const claims: Readonly<Record<string, () => unknown>> = {
    low_32_bits_only: () => first(2n ** 32n) === first(0n) && first(2n ** 32n + 1n) === first(1n),
    minus_one_equals_2_64_minus_1: () => first(-1n) === first(2n ** 64n - 1n),
    minus_one_equals_2_32_minus_1: () => first(-1n) === first(2n ** 32n - 1n),
    reseeding_drops_the_spare: () => createTorchCpuStream(0n).normal(1)[0] === createTorchCpuStream(0n).normal(3)[0],
  };
  return Object.entries(semantics).flatMap(([key, value]) => {
    if (key.startsWith("seed ")) return [checkThat(key, refuses(BigInt(key.slice(5))) === (value === "ValueError"))];
    const claim = claims[key];
    // default_seed is what torch takes when it is given none; fewstep always gives one.
    return claim === undefined ? [] : [checkThat(key, claim() === value)];
  });
}

function refuses(seed: bigint): boolean {
  try {
    createTorchCpuStream(seed);
    return false;
  } catch {
    return true;
  }
}

function total(values: Float32Array | Float64Array, of: (value: number) => number): number {
  let sum = 0;
  for (const value of values) sum += of(value);
  return sum;
}
