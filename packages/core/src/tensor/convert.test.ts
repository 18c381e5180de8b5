import { expect, it } from "vitest";
import { fromFloat32, toFloat32 } from "./convert.js";
import { bitsOf, type DType, dtypeOfSafetensors, layoutRank, safetensorsName } from "./dtype.js";

const NUMERIC: readonly DType[] = [
  "f64",
  "f32",
  "f16",
  "bf16",
  "f8e4m3",
  "f8e5m2",
  "i64",
  "i32",
  "i16",
  "i8",
  "u64",
  "u32",
  "u16",
  "u8",
  "bool",
];

it.each(NUMERIC)("%s: small whole numbers survive the way to bytes and back, at any byte offset", (dtype) => {
  const values = Float32Array.of(0, 1, dtype === "bool" ? 1 : 2, dtype === "bool" ? 0 : 96);
  const bytes = fromFloat32(values, dtype);
  expect(bytes.length).toBe((4 * bitsOf(dtype)) / 8);
  expect(toFloat32(bytes, dtype)).toEqual(values);
  const shifted = new Uint8Array(bytes.length + 1);
  shifted.set(bytes, 1);
  expect(toFloat32(shifted.subarray(1), dtype)).toEqual(values);
});

it("negative integers and 64-bit ones keep their value", () => {
  expect(toFloat32(fromFloat32(Float32Array.of(-3, 5), "i64"), "i64")).toEqual(Float32Array.of(-3, 5));
  expect(toFloat32(Uint8Array.of(0xff, 0x80), "i8")).toEqual(Float32Array.of(-1, -128));
});

it("reads known little-endian bytes", () => {
  expect(toFloat32(Uint8Array.of(0x00, 0x3c, 0x00, 0xc0), "f16")).toEqual(Float32Array.of(1, -2));
  expect(toFloat32(Uint8Array.of(0x80, 0x3f, 0x49, 0x40), "bf16")).toEqual(Float32Array.of(1, 3.140625));
  expect(toFloat32(Uint8Array.of(0x38, 0x7e, 0x01), "f8e4m3")).toEqual(Float32Array.of(1, 448, 2 ** -9));
  expect(toFloat32(Uint8Array.of(0x3c, 0x7b, 0x01), "f8e5m2")).toEqual(Float32Array.of(1, 57344, 2 ** -16));
});

it("refuses types without plain numbers by name", () => {
  for (const dtype of ["f4", "f6e2m3", "c64", "f8e8m0", "f8e4m3fnuz"] as const) {
    expect(() => toFloat32(new Uint8Array(8), dtype)).toThrow(safetensorsName(dtype));
  }
});

it("knows all 22 names of the safetensors format, in its order", () => {
  const names =
    "BOOL F4 F6_E2M3 F6_E3M2 U8 I8 F8_E5M2 F8_E4M3 F8_E8M0 F8_E4M3FNUZ F8_E5M2FNUZ I16 U16 F16 BF16 I32 U32 F32 C64 F64 I64 U64".split(
      " ",
    );
  const dtypes = names.map((name) => dtypeOfSafetensors(name) as DType);
  expect(dtypes.map(safetensorsName)).toEqual(names);
  expect(dtypes.map(layoutRank)).toEqual(names.map((_, i) => i));
  expect(dtypes.map(bitsOf)).toEqual([8, 4, 6, 6, 8, 8, 8, 8, 8, 8, 8, 16, 16, 16, 16, 32, 32, 32, 64, 64, 64, 64]);
  expect(dtypeOfSafetensors("F128")).toBeUndefined();
  expect(dtypeOfSafetensors("constructor")).toBeUndefined();
});
