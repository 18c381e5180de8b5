// Random arrays for tests from a small generator of its own (sfc32), so that a failure repeats.
import { build, type Nd } from "../interpreter/nd.test.fixture.js";

/** Uniform numbers in [0, 1). */
export function generator(seed: number): () => number {
  let [a, b, c, d] = [0x9e3779b9, 0x243f6a88, 0xb7e15162, seed | 0];
  const next = (): number => {
    const t = (((a + b) | 0) + d) | 0;
    d = (d + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (c << 21) | (c >>> 11);
    c = (c + t) | 0;
    return (t >>> 0) / 2 ** 32;
  };
  for (let i = 0; i < 15; i++) next();
  return next;
}

/** Single-precision numbers (so that they can be fed to any runtime) within `range`, none closer to 0 than 0.1 where that spans it. */
export function draw(shape: readonly number[], random: () => number, [low, high]: readonly [number, number]): Nd {
  return build(shape, () => {
    const value = low + (high - low) * random();
    return Math.fround(low < 0 && Math.abs(value) < 0.1 ? value + Math.sign(value) * 0.1 : value);
  });
}
