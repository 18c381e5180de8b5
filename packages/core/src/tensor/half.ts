// f16, bf16, f8e4m3 and f8e5m2 codes to float32 and back, over whole arrays. Decoding is by table (bf16: a shift) and exact; encoding
// rounds to nearest, ties to even. Every NaN is encoded as one and the same code.
import { BF16, decodeFloat, F8E4M3, F8E5M2, F16, type FloatFormat, floatEncoder } from "./float-format.js";

/** The formats carried as codes, and the array that carries them. */
export type HalfDType = "f16" | "bf16" | "f8e4m3" | "f8e5m2";
type Codes<D extends HalfDType> = D extends "f16" | "bf16" ? Uint16Array : Uint8Array;

const FORMATS: Readonly<Record<HalfDType, FloatFormat>> = { f16: F16, bf16: BF16, f8e4m3: F8E4M3, f8e5m2: F8E5M2 };

function tableOf(format: FloatFormat): Float32Array {
  return Float32Array.from({ length: 2 * format.signBit }, (_, code) => decodeFloat(format, code));
}

/** Every value of a format is a row of its table; bf16 needs none, being the upper half of a float32. */
const TABLES: Readonly<Record<Exclude<HalfDType, "bf16">, Float32Array>> = {
  f16: /* @__PURE__ */ tableOf(F16),
  f8e4m3: /* @__PURE__ */ tableOf(F8E4M3),
  f8e5m2: /* @__PURE__ */ tableOf(F8E5M2),
};

/** Float32 values of the codes, exact. */
export function decodeHalf(codes: Uint16Array | Uint8Array, dtype: HalfDType): Float32Array {
  const values = new Float32Array(codes.length);
  if (dtype === "bf16") {
    const bits = new Uint32Array(values.buffer);
    for (let i = 0; i < codes.length; i++) bits[i] = (codes[i] as number) << 16;
    return values;
  }
  const table = TABLES[dtype];
  for (let i = 0; i < codes.length; i++) values[i] = table[codes[i] as number] as number;
  return values;
}

/** Codes of the values, each first rounded to float32 if it is not one, then to the nearest code, ties to even. */
export function encodeHalf<D extends HalfDType>(values: Float32Array | readonly number[], dtype: D): Codes<D> {
  const format = FORMATS[dtype];
  const codes = format.signBit === 0x80 ? new Uint8Array(values.length) : new Uint16Array(values.length);
  const encode = floatEncoder(format);
  for (let i = 0; i < values.length; i++) codes[i] = encode(values[i] as number);
  return codes as Codes<D>;
}
