// Paired bootstrap (Efron and Tibshirani 1993, chapter 16): every configuration is judged on the same prompts and seeds, so what is resampled
// are those units, with all configurations' values on each. The generator is seeded: the same grid gives the same answer.

export interface Interval {
  readonly mean: number;
  /** Percentile interval of 95 percent. */
  readonly low: number;
  readonly high: number;
}

export interface BootstrapResult {
  /** Of each configuration. */
  readonly intervals: readonly Interval[];
  /** Share of resamples in which a configuration is the best; ties are shared. */
  readonly wins: readonly number[];
  /** Share of resamples in which a configuration is not worse than the one with the best mean. */
  readonly rivals: readonly number[];
  /** Position of the best mean. */
  readonly best: number;
}

const RESAMPLES = 2_000;

/**
 * @param values one row a configuration, one column a unit: higher is better, all rows of one length, at least one of each
 */
export function pairedBootstrap(values: readonly (readonly number[])[], seed = 1): BootstrapResult {
  const units = values[0]!.length;
  const means = values.map((row) => row.reduce((sum, value) => sum + value, 0) / units);
  const best = means.indexOf(Math.max(...means));
  const draw = randomIndices(seed);
  const resampled = values.map(() => new Float64Array(RESAMPLES));
  const wins = values.map(() => 0);
  const rivals = values.map(() => 0);
  for (let r = 0; r < RESAMPLES; r++) {
    const picked = Array.from({ length: units }, () => draw(units));
    for (const [i, row] of values.entries()) {
      resampled[i]![r] = picked.reduce((sum, unit) => sum + row[unit]!, 0) / units;
    }
    const top = Math.max(...resampled.map((one) => one[r]!));
    const winners = resampled.flatMap((one, i) => (one[r] === top ? [i] : []));
    for (const i of winners) wins[i]! += 1 / winners.length;
    for (const [i, one] of resampled.entries()) if (one[r]! >= resampled[best]![r]!) rivals[i]! += 1;
  }
  return {
    intervals: resampled.map((one, i) => ({ mean: means[i]!, ...percentiles(one) })),
    wins: wins.map((count) => count / RESAMPLES),
    rivals: rivals.map((count) => count / RESAMPLES),
    best,
  };
}

function percentiles(values: Float64Array): { readonly low: number; readonly high: number } {
  const sorted = values.toSorted();
  return { low: sorted[Math.floor(0.025 * RESAMPLES)]!, high: sorted[Math.ceil(0.975 * RESAMPLES) - 1]! };
}

/** Mulberry32, a 32-bit mixing generator: good enough to pick units. */
function randomIndices(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * below);
  };
}
