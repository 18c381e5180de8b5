// Small binary floating-point formats as data, and one exact codec for all of them: round to nearest, ties to even.
// Definitions: IEEE 754-2019 binary16; bfloat16 (the upper half of binary32); OCP 8-bit floating point 1.0 (E4M3, E5M2).
// Overflow goes to infinity, and to NaN in E4M3, which has no infinity (as PyTorch converts).

/** One sign bit, then the exponent, then `mantissaBits`. */
export interface FloatFormat {
  readonly mantissaBits: number;
  readonly bias: number;
  /** Code of the largest finite value, sign bit 0. */
  readonly maxFinite: number;
  /** Code of what lies beyond it, sign bit 0: infinity, or NaN where there is none. */
  readonly overflow: number;
  /** Code written for every NaN. */
  readonly nan: number;
  readonly signBit: number;
}

export const F16: FloatFormat = {
  mantissaBits: 10,
  bias: 15,
  maxFinite: 0x7bff,
  overflow: 0x7c00,
  nan: 0x7e00,
  signBit: 0x8000,
};

export const BF16: FloatFormat = {
  mantissaBits: 7,
  bias: 127,
  maxFinite: 0x7f7f,
  overflow: 0x7f80,
  nan: 0x7fc0,
  signBit: 0x8000,
};

export const F8E4M3: FloatFormat = {
  mantissaBits: 3,
  bias: 7,
  maxFinite: 0x7e,
  overflow: 0x7f,
  nan: 0x7f,
  signBit: 0x80,
};

export const F8E5M2: FloatFormat = {
  mantissaBits: 2,
  bias: 15,
  maxFinite: 0x7b,
  overflow: 0x7c,
  nan: 0x7e,
  signBit: 0x80,
};

/** The exact value of a code, computed from the format's definition. */
export function decodeFloat(format: FloatFormat, code: number): number {
  const magnitude = code & (format.signBit - 1);
  const sign = code & format.signBit ? -1 : 1;
  if (magnitude > format.maxFinite)
    return magnitude === format.overflow && format.overflow !== format.nan ? sign * Infinity : NaN;
  const exponent = magnitude >>> format.mantissaBits;
  const mantissa = magnitude & ((1 << format.mantissaBits) - 1);
  const steps = exponent === 0 ? mantissa : mantissa + (1 << format.mantissaBits);
  return sign * steps * 2 ** (Math.max(exponent, 1) - format.bias - format.mantissaBits);
}

/**
 * An encoder of float32 values, given as their bits: normal values are rounded in integers, subnormal ones by adding the power of two
 * whose last float32 place is the format's smallest step.
 */
export function floatEncoder(format: FloatFormat): (value: number) => number {
  const scratch = new Float32Array(1);
  const bits = new Uint32Array(scratch.buffer);
  const dropped = 23 - format.mantissaBits;
  const half = (1 << (dropped - 1)) - 1;
  const rebias = (127 - format.bias) << 23;
  const smallestNormal = (128 - format.bias) << 23;
  const magic = 2 ** (24 - format.bias - format.mantissaBits);
  scratch[0] = magic;
  const magicBits = bits[0] as number;
  return (value) => {
    scratch[0] = value;
    const pattern = bits[0] as number;
    const sign = pattern >>> 31 ? format.signBit : 0;
    const magnitude = pattern & 0x7fffffff;
    if (magnitude > 0x7f800000) return format.nan;
    if (magnitude >= smallestNormal) {
      const code = (magnitude + half + ((magnitude >>> dropped) & 1) - rebias) >>> dropped;
      return sign | (code > format.maxFinite ? format.overflow : code);
    }
    scratch[0] = Math.abs(scratch[0] as number) + magic;
    return sign | ((bits[0] as number) - magicBits);
  };
}
