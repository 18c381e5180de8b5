// Numbers for seeded fuzzing: the same inputs everywhere.

/** A whole number from 0 up to, and without, `below`. */
export type FuzzRandom = (below: number) => number;

/** xorshift32 (Marsaglia 2003). @param seed not 0 */
export function fuzzRandom(seed: number): FuzzRandom {
  let state = seed;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}

export const pick = <T>(random: FuzzRandom, list: readonly T[]): T => list[random(list.length)] as T;
