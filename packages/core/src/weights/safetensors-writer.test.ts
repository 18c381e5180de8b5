import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fromFloat32 } from "../tensor/convert.js";
import { bitsOf, type DType } from "../tensor/dtype.js";
import { elementCount } from "../tensor/shape.js";
import { codeOf, fileOf, utf8 } from "./raw-file.test.fixture.js";
import { readTensorBytes } from "./read-tensor.js";
import { openSafetensors } from "./safetensors.js";
import { layoutSafetensors, type TensorToWrite, writeSafetensors } from "./safetensors-writer.js";

const tensor = (name: string, dtype: DType, shape: readonly number[], bytes: Uint8Array): TensorToWrite => ({
  name,
  dtype,
  shape,
  chunks: () => [bytes],
});

async function written(
  tensors: readonly TensorToWrite[],
  metadata?: Readonly<Record<string, string>>,
): Promise<Uint8Array> {
  const layout = layoutSafetensors(tensors, metadata);
  const chunks: Uint8Array[] = [];
  for await (const chunk of writeSafetensors(layout)) chunks.push(chunk);
  const bytes = new Uint8Array(await new Blob(chunks as Uint8Array<ArrayBuffer>[]).arrayBuffer());
  expect(bytes.length).toBe(layout.fileBytes);
  return bytes;
}

const counting = fromFloat32(Float32Array.of(0, 1, 2, 3, 4, 5), "f32");
const framed = (length: number, header: string, data: Uint8Array) =>
  Uint8Array.of(length, 0, 0, 0, 0, 0, 0, 0, ...utf8(header), ...data);

describe("writes the reference writer's bytes", () => {
  it.each([
    [
      "a header of 64 bytes",
      "attn.0",
      [1, 2, 3],
      64,
      '{"attn.0":{"dtype":"F32","shape":[1,2,3],"data_offsets":[0,24]}}',
    ],
    [
      "padding by 7 spaces",
      "attn0",
      [1, 1, 2, 3],
      72,
      '{"attn0":{"dtype":"F32","shape":[1,1,2,3],"data_offsets":[0,24]}}       ',
    ],
  ])("%s", async (_, name, shape, length, header) => {
    expect(await written([tensor(name, "f32", shape, counting)])).toEqual(framed(length, header, counting));
  });

  it("no tensors, with and without metadata", async () => {
    expect(await written([])).toEqual(framed(8, "{}      ", new Uint8Array()));
    expect(await written([], { framework: "pt" })).toEqual(
      framed(40, '{"__metadata__":{"framework":"pt"}}     ', new Uint8Array()),
    );
  });

  it("larger alignment first, then by name", async () => {
    const bytes = await written([
      tensor("test2", "f16", [2], Uint8Array.of(9, 9, 9, 9)),
      tensor("b", "i32", [1], Uint8Array.of(2, 2, 2, 2)),
      tensor("a", "i32", [1], Uint8Array.of(1, 1, 1, 1)),
      tensor("z", "u64", [1], new Uint8Array(8)),
    ]);
    const { weights } = await openSafetensors(fileOf("x", bytes));
    expect([...weights.names]).toEqual(["z", "a", "b", "test2"]);
    expect([...bytes.subarray(-12)]).toEqual([1, 1, 1, 1, 2, 2, 2, 2, 9, 9, 9, 9]);
  });
});

it("what it writes the reader gives back, whatever the names, and every tensor is aligned", async () => {
  const dtypes = fc.constantFrom<DType>("f64", "f32", "f16", "bf16", "i64", "u8", "bool", "f8e4m3", "c64");
  const row = fc.record({
    name: fc.string({ unit: "grapheme" }),
    dtype: dtypes,
    shape: fc.array(fc.nat(4), { maxLength: 3 }),
  });
  await fc.assert(
    fc.asyncProperty(
      fc.uniqueArray(row, { selector: (r) => r.name, maxLength: 8 }),
      fc.nat(255),
      async (rows, seed) => {
        const tensors = rows.map(({ name, dtype, shape }, i) => {
          const length = (elementCount(shape) * bitsOf(dtype)) / 8;
          return tensor(
            name,
            dtype,
            shape,
            Uint8Array.from({ length }, (_, k) => (seed + 31 * i + k) & 255),
          );
        });
        const { weights, metadata } = await openSafetensors(fileOf("x", await written(tensors, { k: '"\n\u00e9' })));
        expect(metadata.get("k")).toBe('"\n\u00e9');
        expect(weights.names.size).toBe(tensors.length);
        for (const { name, dtype, shape, chunks } of tensors) {
          const found = weights.get(name)!;
          expect(found).toMatchObject({ dtype, shape });
          expect(found.offset % (bitsOf(dtype) / 8)).toBe(0);
          expect([await readTensorBytes(found)]).toEqual(chunks());
        }
      },
    ),
    { seed: 3, numRuns: 300 },
  );
});

describe("refuses", () => {
  const drain = async (tensors: readonly TensorToWrite[], signal?: AbortSignal) => {
    for await (const chunk of writeSafetensors(layoutSafetensors(tensors), signal))
      expect(chunk.length).toBeGreaterThan(0);
  };
  const small = (name: string, bytes: number) => tensor(name, "u8", [4], new Uint8Array(bytes));

  it.each([
    ["two tensors of one name", "duplicate-tensor", [small("a", 4), small("a", 4)]],
    ["the name of the metadata", "duplicate-tensor", [small("__metadata__", 4)]],
    ["too few bytes", "tensor-bytes-mismatch", [small("a", 3)]],
    ["too many bytes", "tensor-bytes-mismatch", [small("a", 5)]],
  ])("%s", async (_, code, tensors) => {
    expect(await codeOf(drain(tensors))).toBe(code);
  });

  it("a header over 100 MB, before writing a byte", () => {
    expect(() => layoutSafetensors([], { a: "a".repeat(100_000_000) })).toThrow("too large");
  });

  it("to go on after an abort", async () => {
    expect(await codeOf(drain([small("a", 4)], AbortSignal.abort()))).toBe("interrupted");
  });
});
