// NumPy's RandomState.randn: MT19937 and Marsaglia's polar method. The second value of a pair is kept across calls of any size.
import { FewstepError } from "../../errors.js";
import { createMt19937 } from "./mt19937.js";

export interface NumpyStream {
  normal(count: number): Float32Array;
  normalDouble(count: number): Float64Array;
  /** random_sample: 53 bits of two words. Does not disturb the kept value. */
  uniform(): number;
}

/** @throws FewstepError `bad-seed` outside 0 .. 2^32 - 1, as NumPy does */
export function createNumpyStream(seed: bigint): NumpyStream {
  if (seed < 0n || seed >= 2n ** 32n) {
    throw new FewstepError({
      code: "bad-seed",
      message: "the seed is out of range",
      found: String(seed),
      expected: "a whole number from 0 to 2^32 - 1",
    });
  }
  const words = createMt19937(seed);
  let spare: number | undefined;
  const uniform = () => {
    const high = words.word() >>> 5;
    return (high * 2 ** 26 + (words.word() >>> 6)) / 2 ** 53;
  };
  const value = (): number => {
    if (spare !== undefined) {
      const kept = spare;
      spare = undefined;
      return kept;
    }
    for (;;) {
      const a = 2 * uniform() - 1;
      const b = 2 * uniform() - 1;
      const square = a * a + b * b;
      if (square >= 1 || square === 0) continue;
      const factor = Math.sqrt((-2 * Math.log(square)) / square);
      spare = factor * a;
      return factor * b;
    }
  };
  const normalDouble = (count: number) => Float64Array.from({ length: count }, value);
  return { uniform, normalDouble, normal: (count) => Float32Array.from(normalDouble(count)) };
}
