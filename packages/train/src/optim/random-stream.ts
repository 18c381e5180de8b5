// Seeded random streams for training. A stream is a pure function of (seed, name, iteration), so that nothing but the iteration has to be
// saved to resume exactly, and drawing from one stream never shifts another. Not for sampling pictures: those imitate libraries.
// Generator: xoshiro128** 1.1 (Blackman and Vigna 2018), seeded by FNV-1a and the splitmix32 finaliser.

export interface RandomStream {
  /** Uniform in [0, 1), 32 bits. */
  uniform(): number;
  /** Integer in [0, count). */
  below(count: number): number;
  /** Standard normal, Box and Muller. */
  normal(): number;
  normals(length: number): Float32Array;
}

function mix(value: number): number {
  let h = value >>> 0;
  h = Math.imul(h ^ (h >>> 16), 0x21f0aaad);
  h = Math.imul(h ^ (h >>> 15), 0x735a2d97);
  return (h ^ (h >>> 15)) >>> 0;
}

function seedWords(seed: number, name: string, iteration: number): [number, number, number, number] {
  let hash = 0x811c9dc5;
  for (let i = 0; i < name.length; i++) hash = Math.imul(hash ^ name.charCodeAt(i), 0x01000193);
  let state = mix(mix(mix(hash) ^ seed) + iteration);
  const next = () => {
    state = (state + 0x9e3779b9) >>> 0;
    return mix(state);
  };
  return [next(), next(), next(), next() | 1];
}

export function randomStream(seed: number, name: string, iteration: number): RandomStream {
  let [a, b, c, d] = seedWords(seed, name, iteration);
  const word = (): number => {
    const x = Math.imul(b, 5);
    const result = Math.imul((x << 7) | (x >>> 25), 9) >>> 0;
    const t = b << 9;
    c ^= a;
    d ^= b;
    b ^= c;
    a ^= d;
    c ^= t;
    d = (d << 11) | (d >>> 21);
    return result;
  };
  const uniform = (): number => word() / 2 ** 32;
  let spare: number | undefined;
  const normal = (): number => {
    if (spare !== undefined) {
      const value = spare;
      spare = undefined;
      return value;
    }
    // 1 - u lies in (0, 1]: its logarithm is finite
    const radius = Math.sqrt(-2 * Math.log(1 - uniform()));
    const angle = 2 * Math.PI * uniform();
    spare = radius * Math.sin(angle);
    return radius * Math.cos(angle);
  };
  return {
    uniform,
    below: (count) => Math.floor(uniform() * count),
    normal,
    normals: (length) => Float32Array.from({ length }, normal),
  };
}

/** 0 .. count - 1 in an order of its own for every epoch (Fisher and Yates). */
export function shuffled(count: number, seed: number, epoch: number): Uint32Array {
  const random = randomStream(seed, "shuffle", epoch);
  const order = Uint32Array.from({ length: count }, (_, i) => i);
  for (let i = count - 1; i > 0; i--) {
    const j = random.below(i + 1);
    [order[i], order[j]] = [order[j]!, order[i]!];
  }
  return order;
}
