// torch.randn on the CPU, from its generator's definition: MT19937 words, Box-Muller in blocks of sixteen, and two odd corners
// (short draws keep a spare value; a length that is not a multiple of 16 redoes its last sixteen values).
// Formulas in doubles: torch's vectorised log, sin and cos differ by at most 2e-6 in float32, and its exact bits are not promised.
import { FewstepError } from "../../errors.js";
import { decodeHalf, encodeHalf } from "../../tensor/half.js";
import { createMt19937, type WordStream } from "./mt19937.js";

/** The type torch was asked for: other words are used for each. */
export type TorchPrecision = "float32" | "float64" | "float16";

export interface TorchCpuStream extends WordStream {
  /** torch.randn(count): float16 values are returned in float32, already rounded. */
  normal(count: number): Float32Array;
  normal(count: number, precision: "float64"): Float64Array;
  normal(count: number, precision: TorchPrecision): Float32Array | Float64Array;
  /** One value of torch.rand in float32 (24 bits of a word). */
  uniform(): number;
  /** One value of torch.rand in float64 (53 bits of two words, the first one high). */
  uniformDouble(): number;
}

const block = 16;

/** @throws FewstepError `bad-seed` outside -2^63 .. 2^64 - 1. Only the low 32 bits count. */
export function createTorchCpuStream(seed: bigint): TorchCpuStream {
  if (seed < -(2n ** 63n) || seed >= 2n ** 64n) {
    throw new FewstepError({
      code: "bad-seed",
      message: "the seed is out of range",
      found: String(seed),
      expected: "a whole number from -2^63 to 2^64 - 1",
    });
  }
  const words = createMt19937(seed);
  let spare: number | undefined;
  const uniform = () => (words.word() & 0xffffff) * 2 ** -24;
  const uniformDouble = () => {
    const high = words.word();
    return ((high & 0x1fffff) * 2 ** 32 + words.word()) * 2 ** -53;
  };

  const short = (): number => {
    if (spare !== undefined) {
      const kept = spare;
      spare = undefined;
      return kept;
    }
    const angle = 2 * Math.PI * uniformDouble();
    const radius = Math.sqrt(-2 * Math.log1p(-uniformDouble()));
    spare = radius * Math.sin(angle);
    return radius * Math.cos(angle);
  };

  function normal(count: number): Float32Array;
  function normal(count: number, precision: "float64"): Float64Array;
  function normal(count: number, precision: TorchPrecision): Float32Array | Float64Array;
  function normal(count: number, precision: TorchPrecision = "float32"): Float32Array | Float64Array {
    const values = precision === "float64" ? new Float64Array(count) : new Float32Array(count);
    if (count < block) for (let i = 0; i < count; i++) values[i] = short();
    else if (precision === "float16") fillBlockwise(values, uniform);
    else fill(values, precision === "float64" ? uniformDouble : uniform);
    return precision === "float16" ? decodeHalf(encodeHalf(values as Float32Array, "f16"), "f16") : values;
  }
  return { word: () => words.word(), normal, uniform, uniformDouble };
}

/** All uniforms first, then the blocks; an incomplete block is made good by redoing the last sixteen with fresh uniforms. */
function fill(values: Float32Array | Float64Array, uniform: () => number): void {
  const uniforms = Float64Array.from({ length: values.length }, uniform);
  const whole = values.length - (values.length % block);
  for (let start = 0; start < whole; start += block) boxMuller(values, start, uniforms, start);
  if (whole < values.length) boxMuller(values, values.length - block, Float64Array.from({ length: block }, uniform), 0);
}

/** Half precision draws block by block, and no uniforms of its own for the incomplete one. */
function fillBlockwise(values: Float32Array | Float64Array, uniform: () => number): void {
  for (let start = 0; start < values.length; start += block) {
    const uniforms = Float64Array.from({ length: block }, uniform);
    boxMuller(values, Math.min(start, values.length - block), uniforms, 0);
  }
}

function boxMuller(values: Float32Array | Float64Array, at: number, uniforms: Float64Array, from: number): void {
  for (let j = 0; j < block / 2; j++) {
    const radius = Math.sqrt(-2 * Math.log(1 - uniforms[from + j]!));
    const angle = 2 * Math.PI * uniforms[from + j + block / 2]!;
    values[at + j] = radius * Math.cos(angle);
    values[at + j + block / 2] = radius * Math.sin(angle);
  }
}
