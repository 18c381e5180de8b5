// torch.randn on an NVIDIA GPU as A1111 emulates it: Philox 4x32-10 (Salmon et al. 2011) and one Box-Muller value per block.
// Counter (offset, 0, element, 0), key = the seed's 64 bits; the offset grows by one per call, not per value.
import { FewstepError } from "../../errors.js";

export interface PhiloxStream {
  normal(count: number): Float32Array;
  /** The same values unrounded. */
  normalDouble(count: number): Float64Array;
}

/** @throws FewstepError `bad-seed` outside 0 .. 2^64 - 1 */
export function createPhiloxStream(seed: bigint): PhiloxStream {
  if (seed < 0n || seed >= 2n ** 64n) {
    throw new FewstepError({
      code: "bad-seed",
      message: "the seed is out of range",
      found: String(seed),
      expected: "a whole number from 0 to 2^64 - 1",
    });
  }
  const key = [Number(seed & 0xffffffffn), Number(seed >> 32n)] as const;
  let offset = 0;
  const normalDouble = (count: number) => {
    const values = new Float64Array(count);
    for (let i = 0; i < count; i++) {
      const [a, b] = philoxBlock([offset, 0, i, 0], key);
      const radius = Math.sqrt(-2 * Math.log((a + 0.5) * 2 ** -32));
      values[i] = radius * Math.sin((b + 0.5) * 2 ** -32 * 2 * Math.PI);
    }
    offset += 1;
    return values;
  };
  return { normalDouble, normal: (count) => Float32Array.from(normalDouble(count)) };
}

type Words = readonly [number, number, number, number];

/** Four 32-bit words of a counter under a key: ten rounds. */
export function philoxBlock(counter: Words, key: readonly [number, number]): Words {
  let [c0, c1, c2, c3] = counter;
  let [k0, k1] = key;
  for (let round = 0; round < 10; round++) {
    const first = multiply(0xd2511f53, c0);
    const second = multiply(0xcd9e8d57, c2);
    [c0, c1, c2, c3] = [(second.high ^ c1 ^ k0) >>> 0, second.low, (first.high ^ c3 ^ k1) >>> 0, first.low];
    k0 = (k0 + 0x9e3779b9) >>> 0;
    k1 = (k1 + 0xbb67ae85) >>> 0;
  }
  return [c0, c1, c2, c3];
}

/** The 64-bit product of two 32-bit words, in halves of sixteen bits. */
function multiply(a: number, b: number) {
  const aLow = a & 0xffff;
  const aHigh = a >>> 16;
  const bLow = b & 0xffff;
  const bHigh = b >>> 16;
  const low = aLow * bLow;
  const middle = aHigh * bLow + (low >>> 16);
  const cross = aLow * bHigh + (middle % 0x10000);
  const high = aHigh * bHigh + Math.floor(middle / 0x10000) + Math.floor(cross / 0x10000);
  return { high: high >>> 0, low: Math.imul(a, b) >>> 0 };
}
