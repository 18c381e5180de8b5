// Stored bytes to float32 values and back, for every dtype whose elements are plain numbers. Bytes are little-endian, as the files and
// every platform that runs this have them. Packed, complex and rarer 8-bit formats are refused by name.
import { FewstepError } from "../errors.js";
import { type DType, safetensorsName } from "./dtype.js";
import { decodeHalf, encodeHalf } from "./half.js";

interface ArrayClass<T> {
  new (buffer: ArrayBufferLike, offset: number, length: number): T;
  readonly BYTES_PER_ELEMENT: number;
}

/** A view of `bytes` as `Type`, copied only when the bytes do not start at a multiple of the element size. */
function viewAs<T>(bytes: Uint8Array, Type: ArrayClass<T>): T {
  const size = Type.BYTES_PER_ELEMENT;
  const aligned = bytes.byteOffset % size === 0 ? bytes : bytes.slice();
  return new Type(aligned.buffer, aligned.byteOffset, Math.floor(aligned.byteLength / size));
}

type Decode = (bytes: Uint8Array) => Float32Array;
type Encode = (values: Float32Array) => ArrayBufferView;

/** Values outside an integer type's range wrap around, as typed arrays do. */
const CONVERSIONS: Readonly<Partial<Record<DType, readonly [Decode, Encode]>>> = {
  f64: [(b) => Float32Array.from(viewAs(b, Float64Array)), (v) => Float64Array.from(v)],
  f32: [(b) => viewAs(b, Float32Array), (v) => v],
  f16: [(b) => decodeHalf(viewAs(b, Uint16Array), "f16"), (v) => encodeHalf(v, "f16")],
  bf16: [(b) => decodeHalf(viewAs(b, Uint16Array), "bf16"), (v) => encodeHalf(v, "bf16")],
  f8e4m3: [(b) => decodeHalf(b, "f8e4m3"), (v) => encodeHalf(v, "f8e4m3")],
  f8e5m2: [(b) => decodeHalf(b, "f8e5m2"), (v) => encodeHalf(v, "f8e5m2")],
  i64: [(b) => Float32Array.from(viewAs(b, BigInt64Array), Number), (v) => BigInt64Array.from(v, truncated)],
  i32: [(b) => Float32Array.from(viewAs(b, Int32Array)), (v) => Int32Array.from(v)],
  i16: [(b) => Float32Array.from(viewAs(b, Int16Array)), (v) => Int16Array.from(v)],
  i8: [(b) => Float32Array.from(viewAs(b, Int8Array)), (v) => Int8Array.from(v)],
  u64: [(b) => Float32Array.from(viewAs(b, BigUint64Array), Number), (v) => BigUint64Array.from(v, truncated)],
  u32: [(b) => Float32Array.from(viewAs(b, Uint32Array)), (v) => Uint32Array.from(v)],
  u16: [(b) => Float32Array.from(viewAs(b, Uint16Array)), (v) => Uint16Array.from(v)],
  u8: [(b) => Float32Array.from(b), (v) => Uint8Array.from(v)],
  bool: [
    (b) => Float32Array.from(b, (byte) => (byte === 0 ? 0 : 1)),
    (v) => Uint8Array.from(v, (x) => (x === 0 ? 0 : 1)),
  ],
};

function truncated(value: number): bigint {
  return BigInt(Math.trunc(value));
}

function conversionOf(dtype: DType): readonly [Decode, Encode] {
  const conversion = CONVERSIONS[dtype];
  if (conversion !== undefined) return conversion;
  throw new FewstepError({
    code: "unsupported-dtype",
    message: `elements of type ${safetensorsName(dtype)} cannot be converted to numbers here`,
    found: safetensorsName(dtype),
    expected: `one of ${Object.keys(CONVERSIONS).join(", ")}`,
    hint: "use a file stored as F16, BF16 or F32",
  });
}

/**
 * Float32 values of little-endian `bytes`. Exact for f16, bf16, 8-bit floats and integers below 2^24, else rounded to nearest.
 * For f32 it is a view of the same memory. Throws `unsupported-dtype`.
 */
export function toFloat32(bytes: Uint8Array, dtype: DType): Float32Array {
  return conversionOf(dtype)[0](bytes);
}

/** Little-endian bytes of `values` as `dtype`, floats rounded to nearest, ties to even. For f32 a view. Throws `unsupported-dtype`. */
export function fromFloat32(values: Float32Array, dtype: DType): Uint8Array {
  const { buffer, byteOffset, byteLength } = conversionOf(dtype)[1](values);
  return new Uint8Array(buffer, byteOffset, byteLength);
}
