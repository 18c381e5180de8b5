// A small seeded generator for the illustrator: 32-bit integer arithmetic only, so every machine draws the same numbers.
// It is not the noise of a sampler (those imitate libraries) and not for secrets.
// Mixer: the finaliser "lowbias32" of C. Wellons' hash prospector over a Weyl sequence, as splitmix does in 64 bits.

export interface Random {
  /** A number in [0, 1) with 32 bits. */
  readonly next: () => number;
  /** A number in [low, high). */
  readonly between: (low: number, high: number) => number;
  /** An integer in [0, count). */
  readonly below: (count: number) => number;
  readonly chance: (probability: number) => boolean;
  /** One of `values`, all equally likely. Throws RangeError for an empty list. */
  readonly pick: <T>(values: readonly T[]) => T;
  /** One of `values` with the given weights (not negative, not all 0). */
  readonly pickWeighted: <T>(values: readonly (readonly [T, number])[]) => T;
  /** A new array in random order (Fisher and Yates). */
  readonly shuffle: <T>(values: readonly T[]) => T[];
}

/** A well-mixed unsigned 32-bit value of `seed` and `index`: the way to give each picture of a stream its own seed. */
export function mixSeed(seed: number, index: number): number {
  let h = (Math.imul(seed, 0x9e3779b1) + Math.imul(index + 1, 0x85ebca6b)) >>> 0;
  h = Math.imul(h ^ (h >>> 16), 0x21f0aaad);
  h = Math.imul(h ^ (h >>> 15), 0x735a2d97);
  return (h ^ (h >>> 15)) >>> 0;
}

export function randomFrom(seed: number): Random {
  let index = 0;
  const next = (): number => mixSeed(seed, index++) / 2 ** 32;
  const below = (count: number): number => Math.floor(next() * count);
  const pick = <T>(values: readonly T[]): T => {
    if (values.length === 0) throw new RangeError("nothing to pick from");
    return values[below(values.length)]!;
  };
  return {
    next,
    below,
    pick,
    between: (low, high) => low + next() * (high - low),
    chance: (probability) => next() < probability,
    pickWeighted: (values) => {
      let left = next() * values.reduce((sum, [, weight]) => sum + weight, 0);
      for (const [value, weight] of values) {
        left -= weight;
        if (left < 0) return value;
      }
      return values[values.length - 1]![0];
    },
    shuffle: (values) => {
      const mixed = [...values];
      for (let i = mixed.length - 1; i > 0; i--) {
        const j = below(i + 1);
        [mixed[i], mixed[j]] = [mixed[j]!, mixed[i]!];
      }
      return mixed;
    },
  };
}
