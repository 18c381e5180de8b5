import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { createBrownianTree } from "./brownian-tree.js";
import { createMt19937 } from "./mt19937.js";
import { createNumpyStream } from "./numpy.js";
import { createNumpyDefaultStream } from "./numpy-default.js";
import { createPhiloxStream, philoxBlock } from "./philox.js";
import { createTorchCpuStream } from "./torch-cpu.js";

const golden = <T>(name: string): T =>
  JSON.parse(readFileSync(new URL(`../../../../../test/golden/data/noise/${name}.json`, import.meta.url), "utf8")) as T;

test("MT19937's published first words", () => {
  const { word } = createMt19937(5489n);
  expect([word(), word(), word()]).toEqual([3499211612, 581869302, 3890346734]);
});

test("torch's seed 0", () => {
  const expected = [-1.1258, -1.1524, -0.2506, -0.4339, 0.8487, 0.692, -0.316, -2.1152, 0.3223, -1.2633, 0.35, 0.3081];
  createTorchCpuStream(0n)
    .normal(256)
    .subarray(0, 12)
    .forEach((value, i) => {
      expect(value).toBeCloseTo(expected[i]!, 4);
    });
});

test("torch: only the last sixteen values are redone when the length is no multiple of 16", () => {
  const whole = createTorchCpuStream(7n).normal(48);
  const odd = createTorchCpuStream(7n).normal(47);
  expect(createTorchCpuStream(7n).normal(64).subarray(0, 48)).toEqual(whole);
  expect(odd.subarray(0, 31)).toEqual(whole.subarray(0, 31));
  odd.subarray(31).forEach((value, i) => {
    expect(value).not.toBe(whole[31 + i]);
  });
});

test("torch: the second of a pair waits for the next short draw, a long one in between", () => {
  const stream = createTorchCpuStream(0n);
  stream.normal(3);
  const kept = createTorchCpuStream(0n).normal(4)[3]!;
  stream.normal(16);
  expect(stream.normal(1)[0]).toBe(kept);
});

test("philox's published values", () => {
  expect(philoxBlock([0, 0, 0, 0], [0, 0]).map((word) => word.toString(16))).toEqual([
    "6627e8d5",
    "e169c58d",
    "bc57ac4c",
    "9b00dbd8",
  ]);
  const expected = [-0.92466259, -0.42534415, -2.6438457, 0.14518388];
  createPhiloxStream(0n)
    .normalDouble(12)
    .subarray(0, 4)
    .forEach((value, i) => {
      expect(value).toBeCloseTo(expected[i]!, 6);
    });
});

test("NumPy's published values", () => {
  const expected = [-0.86285345, 2.15229409, -0.00670556, -1.21472309, 0.65498866];
  createNumpyStream(12345n)
    .normalDouble(10_000)
    .subarray(-5)
    .forEach((value, i) => {
      expect(value).toBeCloseTo(expected[i]!, 8);
    });
});

test("NumPy's default generator, word for word and value for value", () => {
  const { cases } = golden<{ cases: { seed: number; bits?: string[]; first: number[]; float32: number[] }[] }>("numpy");
  for (const { seed, bits, first, float32 } of cases) {
    if (bits === undefined) continue;
    const raw = createNumpyDefaultStream(BigInt(seed));
    expect(bits.map(() => String(raw.bits()))).toEqual(bits);
    expect([...createNumpyDefaultStream(BigInt(seed)).normalDouble(first.length)]).toEqual(first);
    expect([...createNumpyDefaultStream(BigInt(seed)).normal(float32.length)]).toEqual(float32);
  }
});

test("a Brownian path adds up, whatever is asked first", () => {
  const options = { seed: 3n, sigmaMin: 0.03, sigmaMax: 14.6, count: 16, precision: "float64" } as const;
  const [a, b] = [createBrownianTree(options), createBrownianTree(options)];
  b(3, 1);
  const whole = a(10, 1);
  const parts = [b(10, 3), b(3, 1)] as const;
  whole.forEach((value, i) => {
    const sum = parts[0][i]! * Math.sqrt(7) + parts[1][i]! * Math.sqrt(2);
    expect(sum / 3).toBeCloseTo(value, 12);
  });
});

test.each([
  [() => createTorchCpuStream(2n ** 64n)],
  [() => createPhiloxStream(-1n)],
  [() => createNumpyStream(2n ** 32n)],
  [() => createNumpyDefaultStream(-1n)],
])("a seed out of range is refused", (open) => {
  expect(open).toThrow(expect.objectContaining({ code: "bad-seed" }));
});
