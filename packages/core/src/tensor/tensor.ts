// A tensor in memory: dtype, shape, elements in C order. Plain data without methods; half floats are carried as their 16-bit codes.
import type { DType } from "./dtype.js";

/** The array that carries each dtype in memory: the pairing ONNX Runtime's JavaScript API uses. */
export interface TensorArrays {
  readonly f64: Float64Array;
  readonly f32: Float32Array;
  readonly f16: Uint16Array;
  readonly bf16: Uint16Array;
  readonly f8e4m3: Uint8Array;
  readonly f8e5m2: Uint8Array;
  readonly i64: BigInt64Array;
  readonly i32: Int32Array;
  readonly i16: Int16Array;
  readonly i8: Int8Array;
  readonly u64: BigUint64Array;
  readonly u32: Uint32Array;
  readonly u16: Uint16Array;
  readonly u8: Uint8Array;
  readonly bool: Uint8Array;
}

export type TensorDType = keyof TensorArrays & DType;

/** A tensor of one known dtype. */
export interface TensorOf<D extends TensorDType> {
  readonly dtype: D;
  readonly shape: readonly number[];
  /** elementCount(shape) elements, C order. */
  readonly data: TensorArrays[D];
}

/** A tensor of any dtype; `dtype` tells which array `data` is. */
export type Tensor = { readonly [D in TensorDType]: TensorOf<D> }[TensorDType];

export type TypedArray = Tensor["data"];
