import { describe, expect, it } from "vitest";
import { BF16, decodeFloat, F8E4M3, F8E5M2, F16, type FloatFormat } from "./float-format.js";
import { decodeHalf, encodeHalf, type HalfDType } from "./half.js";

const FORMATS: readonly (readonly [HalfDType, FloatFormat, number])[] = [
  ["f16", F16, 65504],
  ["bf16", BF16, 2 ** 127 * (2 - 2 ** -7)],
  ["f8e4m3", F8E4M3, 448],
  ["f8e5m2", F8E5M2, 57344],
];

const allCodes = (format: FloatFormat) =>
  format.signBit === 0x80
    ? Uint8Array.from({ length: 256 }, (_, code) => code)
    : Uint16Array.from({ length: 65536 }, (_, code) => code);

describe.each(FORMATS)("%s", (dtype, format, largest) => {
  const codes = allCodes(format);
  const values = decodeHalf(codes, dtype);

  it("decodes every code to the value its bits define", () => {
    const wrong = [...codes].filter((code, i) => !Object.is(values[i], decodeFloat(format, code)));
    expect(wrong).toEqual([]);
  });

  it("decodes the landmarks of its definition", () => {
    const at = (code: number) => values[code];
    expect(at(0)).toBe(0);
    expect(Object.is(at(format.signBit), -0)).toBe(true);
    expect(at(format.bias << format.mantissaBits)).toBe(1);
    expect(at(1)).toBe(2 ** (1 - format.bias - format.mantissaBits));
    expect(at(format.maxFinite)).toBe(largest);
    expect(at(format.maxFinite + 1)).toBe(dtype === "f8e4m3" ? Number.NaN : Infinity);
  });

  it("encodes every decoded value back to its code (NaN to the format's one NaN)", () => {
    const back = encodeHalf(values, dtype);
    const wrong = [...codes].filter((code, i) => back[i] !== (Number.isNaN(values[i]) ? format.nan : code));
    expect(wrong).toEqual([]);
  });

  it("rounds between every two neighbours to the nearest, and ties to the even code", () => {
    const wrong: number[] = [];
    for (let code = 0; code <= format.maxFinite; code++) {
      const low = decodeFloat(format, code);
      // beyond the largest value the next step decides, as if the exponent range went on
      const high = code < format.maxFinite ? decodeFloat(format, code + 1) : 2 * low - decodeFloat(format, code - 1);
      const middle = (low + high) / 2;
      const above = code < format.maxFinite ? code + 1 : format.overflow;
      const nudge = Math.max(middle * 2 ** -20, 2 ** -149);
      const expected: readonly (readonly [number, number])[] = [
        [middle - nudge, code],
        [middle, code % 2 === 0 ? code : above],
        [middle + nudge, above],
      ];
      for (const [value, want] of expected) {
        for (const sign of [1, -1]) {
          const got = encodeHalf([sign * value], dtype)[0];
          if (got !== (want | (sign < 0 ? format.signBit : 0))) wrong.push(sign * value);
        }
      }
    }
    expect(wrong).toEqual([]);
  });

  it("sends infinities and huge values to its overflow code, and tiny ones to signed zero", () => {
    const encoded = encodeHalf([Infinity, -Infinity, 3e38 * 10, 1e-46, -1e-46], dtype);
    const { overflow, signBit } = format;
    expect([...encoded]).toEqual([overflow, overflow | signBit, overflow, 0, signBit]);
  });
});

it("rounds a double to float32 first, as a float32 file would have held it", () => {
  const justAboveTie = 1 + 2 ** -11 + 2 ** -40;
  expect(encodeHalf([justAboveTie], "f16")[0]).toBe(0x3c00);
  expect(encodeHalf(Float32Array.of(justAboveTie), "f16")[0]).toBe(0x3c00);
});
