// The format's own accept and reject vectors (its reference reader's tests and published attacks), then the limits of this reader.
import { describe, expect, it } from "vitest";
import type { FewstepError } from "../errors.js";
import { codeOf, fileOf, rawFile, sparseFile, utf8 } from "./raw-file.test.fixture.js";
import { openSafetensors } from "./safetensors.js";
import { SAFETENSORS_ERRORS } from "./safetensors-errors.js";
import { MAX_FILE_BYTES } from "./safetensors-limits.js";

const entry = (dtype: string, shape: string, offsets: string) =>
  `{"dtype":"${dtype}","shape":${shape},"data_offsets":${offsets}}`;
const one = (dtype: string, shape: string, offsets: string) => `{"test":${entry(dtype, shape, offsets)}}`;
const open = (header: string | Uint8Array, data: Uint8Array | number = 0, length?: bigint) =>
  openSafetensors(rawFile(header, data, length));
const prefix = (...bytes: readonly number[]) => Uint8Array.of(...bytes);

describe("accepts", () => {
  it.each([
    ["no tensors, padded", "{}      ", 0, []],
    ["only metadata", '{"__metadata__":{"framework":"pt"}}     ', 0, []],
    ["metadata null, as the reference does", '{"__metadata__":null}', 0, []],
    ["a matrix", one("I32", "[2,2]", "[0,16]"), 16, [2, 2]],
    ["a scalar", one("I32", "[]", "[0,4]"), 4, []],
    ["a tensor without elements", one("I32", "[2,0]", "[0, 0]"), 0, [2, 0]],
    ["white space after", "{}\r \t\n", 0, []],
    ["white space before", "\t\n{}\r ", 0, []],
    ["packed 4-bit floats", one("F4", "[1,2]", "[0,1]"), 1, [1, 2]],
    ["a field it does not know", '{"test":{"dtype":"U8","x":{"y":[1,null]},"shape":[1],"data_offsets":[0,1]}}', 1, [1]],
  ])("%s", async (_, header, data, shape) => {
    const file = await open(header as string, data as number);
    expect(file.headerBytes).toBe(8 + (header as string).length);
    expect(file.weights.get("test")?.shape ?? []).toEqual(shape);
  });

  it("gives dtype, shape, place and metadata as written", async () => {
    const header = `{"b":${entry("F16", "[1,2]", "[8,12]")},"__metadata__":{"k":"v","__proto__":"p"},"a":${entry("F32", "[2]", "[0,8]")}}`;
    const { weights, metadata, headerBytes } = await open(header, 12);
    expect([...weights.names]).toEqual(["a", "b"]);
    expect(weights.get("a")).toMatchObject({ name: "a", dtype: "f32", shape: [2], offset: headerBytes, byteLength: 8 });
    expect(weights.get("b")).toMatchObject({ dtype: "f16", shape: [1, 2], offset: headerBytes + 8, byteLength: 4 });
    expect([...metadata]).toEqual([
      ["k", "v"],
      ["__proto__", "p"],
    ]);
    expect(Object.isFrozen(weights.get("a"))).toBe(true);
    expect(Object.isFrozen(weights.get("a")?.shape)).toBe(true);
  });

  it("treats names that mean something to JavaScript, or nothing to a reader, as names", async () => {
    const names = ["__proto__", "constructor", "toString", "", "a\u0000b", "\u202egnp", "\ud83d\ude00", 'q"\\'];
    const header = `{${names.map((name, i) => `${JSON.stringify(name)}:${entry("U8", "[1]", `[${i},${i + 1}]`)}`).join(",")}}`;
    const { weights } = await open(header, names.length);
    expect([...weights.names]).toEqual(names);
    expect(weights.get("__proto__")?.shape).toEqual([1]);
    expect(weights.get("hasOwnProperty")).toBeUndefined();
    expect(({} as Record<string, unknown>).dtype).toBeUndefined();
  });
});

describe("refuses", () => {
  const same = Array.from({ length: 10 }, (_, i) => `"t${i}":${entry("I32", "[2,2]", "[0,16]")}`).join(",");
  const matrix = one("I32", "[2,2]", "[0,16]");
  const withOffsets = (offsets: string) => open(one("U8", "[1]", offsets), 1);
  const withShape = (shape: string, bytes = 1) => open(one("U8", shape, `[0,${bytes}]`), bytes);

  const cases: readonly (readonly [string, string, () => Promise<unknown>])[] = [
    ["an empty file", "file-is-empty", () => openSafetensors(fileOf("x.safetensors"))],
    ["7 bytes", "safetensors-too-short", () => openSafetensors(fileOf("x.safetensors", prefix(60, 0, 0, 0, 0, 0, 1)))],
    [
      "a length and nothing more",
      "safetensors-header-cut",
      () => openSafetensors(fileOf("x", prefix(60, 0, 0, 0, 0, 0, 0, 0))),
    ],
    [
      "a length of 2^63 and more",
      "safetensors-header-too-large",
      () => openSafetensors(fileOf("x", prefix(60, 0, 0, 0, 0, 255, 255, 255), matrix)),
    ],
    ["a length of 2^63", "safetensors-header-too-large", () => open(matrix, 16, 2n ** 63n)],
    ["a length of 2^53 + 1", "safetensors-header-too-large", () => open(matrix, 16, 2n ** 53n + 1n)],
    ["a length of 100,000,001", "safetensors-header-too-large", () => open(matrix, 16, 100_000_001n)],
    ["a length of 1000 in a small file", "safetensors-header-cut", () => open(matrix, 16, 1000n)],
    ["a header that is not UTF-8", "safetensors-not-utf8", () => open(prefix(0xff))],
    ["an overlong UTF-8 brace", "safetensors-not-utf8", () => open(prefix(0xc1, 0xbb))],
    ["a byte order mark", "safetensors-not-json", () => open("\ufeff{}")],
    ["a lone brace", "safetensors-not-json", () => open("{")],
    ["an empty header with data", "safetensors-not-json", () => open("", utf8("data"))],
    ["text after the object", "safetensors-not-json", () => open("{}x")],
    ["a trailing comma", "safetensors-not-json", () => open('{"__metadata__":{},}')],
    [
      "half a surrogate pair in a name",
      "safetensors-not-json",
      () => open(`{"\\ud800":${entry("U8", "[1]", "[0,1]")}}`, 1),
    ],
    ["a raw NUL in a name", "safetensors-not-json", () => open(`{"a\u0000":${entry("U8", "[1]", "[0,1]")}}`, 1)],
    ["a list as header", "safetensors-header-not-object", () => open("[]")],
    ["null as header", "safetensors-header-not-object", () => open("null")],
    ["a string as header", "safetensors-header-not-object", () => open('"x"')],
    ["ten tensors in one place", "safetensors-overlap", () => open(`{${same}}`, 16)],
    [
      "a tensor inside another",
      "safetensors-overlap",
      () => open(`{"a":${entry("U8", "[4]", "[0,4]")},"b":${entry("U8", "[2]", "[1,3]")}}`, 4),
    ],
    [
      "a hole between tensors",
      "safetensors-hole",
      () => open(`{"a":${entry("U8", "[1]", "[0,1]")},"b":${entry("U8", "[1]", "[2,3]")}}`, 3),
    ],
    ["a hole at the start", "safetensors-hole", () => withOffsets("[1,2]")],
    ["bytes after the data", "safetensors-trailing-bytes", () => open(matrix, 16 + 35)],
    ["bytes after an empty header's data", "safetensors-trailing-bytes", () => open("{}", 1)],
    ["two bytes missing", "safetensors-truncated", () => open(matrix, 14)],
    ["end before begin", "safetensors-bad-offsets", () => withOffsets("[1,0]")],
    ["a negative offset", "safetensors-bad-entry", () => withOffsets("[-1,0]")],
    ["negative zero", "safetensors-bad-entry", () => withOffsets("[-0,1]")],
    ["a fraction", "safetensors-bad-entry", () => withOffsets("[0,1.5]")],
    ["a whole number with a point", "safetensors-bad-entry", () => withOffsets("[0,1.0]")],
    ["an exponent", "safetensors-bad-entry", () => withOffsets("[0,1e0]")],
    ["a string offset", "safetensors-bad-entry", () => withOffsets('["0",1]')],
    ["one offset", "safetensors-bad-entry", () => withOffsets("[0]")],
    ["three offsets", "safetensors-bad-entry", () => withOffsets("[0,1,1]")],
    ["offsets that are no list", "safetensors-bad-entry", () => withOffsets('{"0":0}')],
    ["an offset of 2^53", "safetensors-overflow", () => withOffsets("[0,9007199254740992]")],
    [
      "a shape of [2, 2^64 - 2]",
      "safetensors-overflow",
      () => open(one("I32", "[2,18446744073709551614]", "[0,16]"), 16),
    ],
    [
      "a shape of [2, 2^63 - 1]",
      "safetensors-overflow",
      () => open(one("I32", "[2,9223372036854775807]", "[0,16]"), 16),
    ],
    ["a product of 2^64", "safetensors-overflow", () => withShape("[4294967296,4294967296]")],
    ["a product of 2^53 in bits only", "safetensors-overflow", () => withShape("[1125899906842624]")],
    ["offsets for less than the shape", "safetensors-size-mismatch", () => open(one("I32", "[2,2]", "[0,4]"), 4)],
    ["offsets for more than the shape", "safetensors-size-mismatch", () => withShape("[1]", 2)],
    ["an odd number of 4-bit floats", "safetensors-misaligned", () => open(one("F4", "[1,3]", "[0,1]"), 1)],
    ["a negative axis", "safetensors-bad-entry", () => withShape("[-1]")],
    ["a null axis", "safetensors-bad-entry", () => withShape("[null]")],
    ["an axis of 1e308", "safetensors-bad-entry", () => withShape("[1e308]")],
    ["a nested shape", "safetensors-bad-entry", () => withShape("[[1]]")],
    ["a million axes", "safetensors-too-many-axes", () => withShape(`[${Array(1e6).fill(1).join(",")}]`)],
    ["an unknown dtype", "safetensors-unknown-dtype", () => open(one("F128", "[1]", "[0,16]"), 16)],
    ["a dtype in small letters", "safetensors-unknown-dtype", () => open(one("f32", "[1]", "[0,4]"), 4)],
    [
      "a dtype that is no string",
      "safetensors-bad-entry",
      () => open('{"a":{"dtype":1,"shape":[],"data_offsets":[0,1]}}', 1),
    ],
    ["no dtype", "safetensors-bad-entry", () => open('{"a":{"shape":[1],"data_offsets":[0,1]}}', 1)],
    ["no shape", "safetensors-bad-entry", () => open('{"a":{"dtype":"U8","data_offsets":[0,1]}}', 1)],
    ["no offsets", "safetensors-bad-entry", () => open('{"a":{"dtype":"U8","shape":[1]}}', 1)],
    ["an entry that is no object", "safetensors-bad-entry", () => open('{"a":[]}')],
    ["a number in the metadata", "safetensors-bad-metadata", () => open('{"__metadata__":{"a":1}}')],
    ["an object in the metadata", "safetensors-bad-metadata", () => open('{"__metadata__":{"a":{}}}')],
    ["metadata that is a list", "safetensors-bad-metadata", () => open('{"__metadata__":[]}')],
    [
      "a tensor twice",
      "safetensors-duplicate-key",
      () => open(`{"a":${entry("U8", "[1]", "[0,1]")},"a":${entry("U8", "[1]", "[1,2]")}}`, 2),
    ],
    [
      "a tensor twice, once escaped",
      "safetensors-duplicate-key",
      () => open(`{"a":${entry("U8", "[1]", "[0,1]")},"\\u0061":${entry("U8", "[1]", "[1,2]")}}`, 2),
    ],
    ["metadata twice", "safetensors-duplicate-key", () => open('{"__metadata__":{},"__metadata__":{}}')],
    [
      "a field twice",
      "safetensors-duplicate-key",
      () => open('{"a":{"dtype":"U8","dtype":"I8","shape":[1],"data_offsets":[0,1]}}', 1),
    ],
    [
      "a name of a megabyte",
      "safetensors-name-too-long",
      () => open(`{"${"x".repeat(1e6)}":${entry("U8", "[1]", "[0,1]")}}`, 1),
    ],
    ["nesting in an unknown field", "safetensors-not-json", () => open(`{"a":{"x":${"[".repeat(1e5)}`)],
  ];

  it("for every documented reason", () => {
    const tried = new Set([
      ...cases.map(([, code]) => code),
      "safetensors-file-too-large",
      "safetensors-too-many-tensors",
    ]);
    expect(Object.keys(SAFETENSORS_ERRORS).filter((code) => !tried.has(code))).toEqual([]);
  });

  it.each(cases)("%s", async (_, code, attempt) => {
    expect(await codeOf(attempt())).toBe(code);
  });

  it("says where the header stops being JSON, and what a cut header lacks", async () => {
    await expect(open("{")).rejects.toThrow("not JSON at byte 1");
    await expect(open('{"\u00e9" x}')).rejects.toThrow("not JSON at byte 6");
    await expect(open("", 0, 60n)).rejects.toThrow(/0 bytes after the length\n {2}expected: 60 bytes/);
  });

  it("never prints a hostile name raw", async () => {
    const name = "\\u001b[2J\\u202e";
    const error = await open(`{"${name}":${entry("U8", "[2]", "[0,1]")}}`, 1).catch((e: FewstepError) => e);
    expect((error as FewstepError).message).toContain("\\u{1b}[2J\\u{202e}");
    // biome-ignore lint/suspicious/noControlCharactersInRegex: what must not be there
    expect((error as FewstepError).message).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u202e]/);
  });
});

describe("bounds its work", () => {
  it("reads 8 bytes of a file whose length field is absurd", async () => {
    const file = sparseFile(rawFile("{}", 512, 2n ** 62n), 2 ** 40);
    expect(await codeOf(openSafetensors(file))).toBe("safetensors-header-too-large");
    expect(file.longestRead()).toBeLessThanOrEqual(512);
  });

  it("refuses a sparse file of a terabyte before reading its header", async () => {
    const file = sparseFile(rawFile(one("U8", "[1099511627776]", "[0,1099511627776]")), 2 ** 40);
    expect(await codeOf(openSafetensors(file))).toBe("safetensors-file-too-large");
    expect(file.longestRead()).toBe(8);
    expect(2 ** 40).toBeGreaterThan(MAX_FILE_BYTES);
  });

  it("opens a 13 GB file by its header alone", async () => {
    const bytes = 13_900_000_000;
    const start = rawFile(one("U8", `[${bytes}]`, `[0,${bytes}]`));
    const { weights } = await openSafetensors(sparseFile(start, start.blob.size + bytes));
    expect(weights.get("test")?.byteLength).toBe(bytes);
  });

  it("takes a header padded with 99 MB of spaces in bounded time", async () => {
    const started = performance.now();
    const { weights } = await open(`{}${" ".repeat(99_000_000)}`);
    expect(weights.names.size).toBe(0);
    expect(performance.now() - started).toBeLessThan(5_000);
  });

  it("refuses 100,000 tensors in one place and more tensors than any model has", async () => {
    const list = (count: number) =>
      `{${Array.from({ length: count }, (_, i) => `"${i}":${entry("U8", "[1]", "[0,1]")}`).join(",")}}`;
    expect(await codeOf(open(list(100_000), 1))).toBe("safetensors-overlap");
    expect(await codeOf(open(list(200_001), 1))).toBe("safetensors-too-many-tensors");
  });

  it("parses the header of a full SDXL checkpoint in milliseconds", async () => {
    const rows = Array.from({ length: 2_600 }, (_, i) => {
      const name = `model.diffusion_model.input_blocks.${i}.1.transformer_blocks.9.attn1.to_out.0.weight`;
      return `"${name}":${entry("F16", "[2,2]", `[${8 * i},${8 * i + 8}]`)}`;
    });
    const file = rawFile(`{${rows.join(",")}}`, 8 * rows.length);
    const times: number[] = [];
    for (let run = 0; run < 10; run++) {
      const started = performance.now();
      expect((await openSafetensors(file)).weights.names.size).toBe(2_600);
      times.push(performance.now() - started);
    }
    expect(Math.min(...times)).toBeLessThan(50);
  });

  it("stops at an abort, and says so when the file shrinks after it was opened", async () => {
    expect(await codeOf(openSafetensors(rawFile("{}"), AbortSignal.abort()))).toBe("interrupted");
    expect(await codeOf(openSafetensors(sparseFile(rawFile("{}", 0, 60n), 100)))).toBe("file-changed");
  });
});
