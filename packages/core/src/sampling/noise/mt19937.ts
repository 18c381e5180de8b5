// The Mersenne Twister MT19937 (Matsumoto & Nishimura 1998): 32-bit words, and the ways libraries make uniforms of them.
// Both torch's CPU generator and NumPy's RandomState stand on it, seeded alike.

export interface WordStream {
  /** The next 32 bits, unsigned. */
  word(): number;
}

const size = 624;
const shift = 397;

/** @param seed its low 32 bits count */
export function createMt19937(seed: bigint): WordStream {
  const state = new Uint32Array(size);
  state[0] = Number(BigInt.asUintN(32, seed));
  for (let i = 1; i < size; i++) {
    const previous = state[i - 1]! ^ (state[i - 1]! >>> 30);
    state[i] = Math.imul(1812433253, previous) + i;
  }
  let position = size;
  return {
    word() {
      if (position === size) {
        twist(state);
        position = 0;
      }
      let y = state[position++]!;
      y ^= y >>> 11;
      y ^= (y << 7) & 0x9d2c5680;
      y ^= (y << 15) & 0xefc60000;
      return (y ^ (y >>> 18)) >>> 0;
    },
  };
}

function twist(state: Uint32Array): void {
  for (let i = 0; i < size; i++) {
    const y = (state[i]! & 0x80000000) | (state[(i + 1) % size]! & 0x7fffffff);
    state[i] = state[(i + shift) % size]! ^ (y >>> 1) ^ (y & 1 ? 0x9908b0df : 0);
  }
}
