// NumPy's SeedSequence (O'Neill's seed_seq design): spreads a seed of any size, and a spawn key, over a pool of 32-bit words.
// It seeds PCG64 in default_rng, and the nodes of torchsde's Brownian tree.

const initA = 0x43b0d7e5;
const multA = 0x931e8875;
const initB = 0x8b51f9dd;
const multB = 0x58f38ded;
const mixL = 0xca01f9dd;
const mixR = 0x4973f715;

export interface SeedSequenceOptions {
  readonly entropy: bigint;
  readonly spawnKey?: readonly number[];
  /** Default 4. */
  readonly poolSize?: number;
}

/** The first `count` 32-bit words of the sequence's state. */
export function seedWords({ entropy, spawnKey = [], poolSize = 4 }: SeedSequenceOptions, count: number): Uint32Array {
  const pool = mixPool(assemble(entropy, spawnKey, poolSize), poolSize);
  const words = new Uint32Array(count);
  let constant = initB;
  for (let i = 0; i < count; i++) {
    const value = pool[i % poolSize]! ^ constant;
    constant = Math.imul(constant, multB) >>> 0;
    const multiplied = Math.imul(value, constant);
    words[i] = multiplied ^ (multiplied >>> 16);
  }
  return words;
}

function assemble(entropy: bigint, spawnKey: readonly number[], poolSize: number): readonly number[] {
  const words = littleEndianWords(entropy);
  if (spawnKey.length === 0) return words;
  const padding = new Array<number>(Math.max(0, poolSize - words.length)).fill(0);
  return [...words, ...padding, ...spawnKey.flatMap((key) => littleEndianWords(BigInt(key)))];
}

function littleEndianWords(value: bigint): number[] {
  const words: number[] = [];
  for (let rest = value; rest > 0n || words.length === 0; rest >>= 32n) words.push(Number(rest & 0xffffffffn));
  return words;
}

function mixPool(entropy: readonly number[], poolSize: number): Uint32Array {
  let constant = initA;
  const hashed = (word: number) => {
    const value = word ^ constant;
    constant = Math.imul(constant, multA) >>> 0;
    const multiplied = Math.imul(value, constant);
    return (multiplied ^ (multiplied >>> 16)) >>> 0;
  };
  const mixed = (x: number, y: number) => {
    const value = (Math.imul(x, mixL) - Math.imul(y, mixR)) >>> 0;
    return (value ^ (value >>> 16)) >>> 0;
  };
  const pool = Uint32Array.from({ length: poolSize }, (_, i) => hashed(entropy[i] ?? 0));
  for (let source = 0; source < poolSize; source++) {
    for (let target = 0; target < poolSize; target++) {
      if (source !== target) pool[target] = mixed(pool[target]!, hashed(pool[source]!));
    }
  }
  for (let source = poolSize; source < entropy.length; source++) {
    for (let target = 0; target < poolSize; target++) pool[target] = mixed(pool[target]!, hashed(entropy[source]!));
  }
  return pool;
}
