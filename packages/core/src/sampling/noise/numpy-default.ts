// NumPy's default_rng: PCG64 (XSL-RR 128/64, O'Neill 2014) seeded by SeedSequence, and standard_normal by the ziggurat.
// float32 draws take 32-bit halves of a word, the low half first.
import { FewstepError } from "../../errors.js";
import { seedWords } from "./seed-sequence.js";
import { createZiggurat, tailStart, type ZigguratTables } from "./ziggurat.js";

const multiplier = 0x2360ed051fc65da44385df649fccf645n;
const mask128 = 2n ** 128n - 1n;
const mask64 = 2n ** 64n - 1n;

export interface NumpyDefaultStream {
  normal(count: number): Float32Array;
  normalDouble(count: number): Float64Array;
  /** random(): 53 bits. */
  uniform(): number;
  /** The raw 64-bit output. */
  bits(): bigint;
}

/** @throws FewstepError `bad-seed` for a negative seed, as NumPy does */
export function createNumpyDefaultStream(seed: bigint): NumpyDefaultStream {
  if (seed < 0n) {
    throw new FewstepError({
      code: "bad-seed",
      message: "the seed is negative",
      found: String(seed),
      expected: "a whole number of 0 or more",
    });
  }
  const bits = createPcg64(seed);
  let half: number | undefined;
  const word = () => {
    if (half !== undefined) {
      const kept = half;
      half = undefined;
      return kept;
    }
    const next = bits();
    half = Number(next >> 32n);
    return Number(next & 0xffffffffn);
  };
  const uniform = () => Number(bits() >> 11n) * 2 ** -53;
  const uniformSingle = () => (word() >>> 8) * 2 ** -24;
  const doubles = createZiggurat(52);
  const singles = roundedTables(createZiggurat(23));

  const double = (): number => {
    const r = bits();
    const position = Number((r >> 9n) & 0xfffffffffffffn);
    return layered(
      doubles,
      Number(r & 0xffn),
      ((r >> 8n) & 1n) === 1n,
      position,
      Number((r >> 17n) & 1n) === 1,
      uniform,
      (x) => x,
    );
  };
  const single = (): number => {
    const r = word();
    const position = (r >>> 9) & 0x7fffff;
    return layered(
      singles,
      r & 0xff,
      ((r >>> 8) & 1) === 1,
      position,
      ((r >>> 17) & 1) === 1,
      uniformSingle,
      Math.fround,
    );
  };

  /** One candidate; a rejected one starts again with a fresh word. */
  function layered(
    tables: ZigguratTables,
    layer: number,
    negative: boolean,
    position: number,
    tailNegative: boolean,
    random: () => number,
    round: (x: number) => number,
  ): number {
    const x = round((negative ? -1 : 1) * position * tables.width[layer]!);
    if (position < tables.inside[layer]!) return x;
    if (layer === 0) {
      for (;;) {
        const beyond = round(round(-1 / tailStart) * round(Math.log1p(-random())));
        const height = round(-Math.log1p(-random()));
        if (height + height > beyond * beyond) return round((tailNegative ? -1 : 1) * round(tailStart + beyond));
      }
    }
    const low = tables.density[layer]!;
    const chosen = round((tables.density[layer - 1]! - low) * random() + low);
    if (chosen < Math.exp(-0.5 * x * x)) return x;
    return round === Math.fround ? single() : double();
  }

  return {
    bits,
    uniform,
    normalDouble: (count) => Float64Array.from({ length: count }, double),
    normal: (count) => Float32Array.from({ length: count }, single),
  };
}

function createPcg64(seed: bigint): () => bigint {
  const words = seedWords({ entropy: seed }, 8);
  const pair = (i: number) => (BigInt(words[i + 1]!) << 32n) | BigInt(words[i]!);
  const initial = (pair(0) << 64n) | pair(2);
  const increment = ((((pair(4) << 64n) | pair(6)) << 1n) | 1n) & mask128;
  const step = (state: bigint) => (state * multiplier + increment) & mask128;
  let state = step((step(0n) + initial) & mask128);
  return () => {
    state = step(state);
    const folded = ((state >> 64n) ^ state) & mask64;
    const turn = state >> 122n;
    return ((folded >> turn) | (folded << ((64n - turn) & 63n))) & mask64;
  };
}

function roundedTables({ inside, width, density }: ZigguratTables): ZigguratTables {
  return { inside, width: width.map(Math.fround), density: density.map(Math.fround) };
}
