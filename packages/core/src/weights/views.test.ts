import { expect, it } from "vitest";
import { fileOf, rawFile } from "./raw-file.test.fixture.js";
import { readTensor, readTensorBytes, tensorChunks } from "./read-tensor.js";
import { openSafetensors } from "./safetensors.js";
import { scanTensor } from "./scan-tensor.js";
import { entriesOf, overlay, rename, stripPrefix, subset } from "./views.js";
import type { LazyTensor } from "./weights.js";

const header =
  '{"unet.a":{"dtype":"F16","shape":[2],"data_offsets":[0,4]},"unet.b":{"dtype":"U8","shape":[3],"data_offsets":[4,7]},"vae.a":{"dtype":"BF16","shape":[1],"data_offsets":[7,9]}}';
const data = Uint8Array.of(0x00, 0x3c, 0x00, 0xc0, 7, 8, 9, 0x80, 0x3f);
const opened = async () => (await openSafetensors(rawFile(header, data))).weights;
/** A tensor over the given elements, at an odd offset in its file. */
const lazy = (dtype: LazyTensor["dtype"], bytes: Uint8Array, shape: readonly number[]): LazyTensor => ({
  name: "t",
  dtype,
  shape,
  file: fileOf("x", Uint8Array.of(255), bytes),
  offset: 1,
  byteLength: bytes.length,
});

it("reads exactly one tensor's bytes and its values", async () => {
  const weights = await opened();
  expect(await readTensor(weights.get("unet.a")!)).toEqual(Float32Array.of(1, -2));
  expect(await readTensor(weights.get("unet.b")!)).toEqual(Float32Array.of(7, 8, 9));
  expect(await readTensor(weights.get("vae.a")!)).toEqual(Float32Array.of(1));
  expect([...(await readTensorBytes(weights.get("unet.b")!))]).toEqual([7, 8, 9]);
});

it("views keep the tensor and change the names", async () => {
  const weights = await opened();
  const unet = stripPrefix(weights, "unet.");
  expect([...unet.names]).toEqual(["a", "b"]);
  expect(unet.get("a")).toBe(weights.get("unet.a"));
  expect(unet.get("a")?.name).toBe("unet.a");
  expect(unet.has("unet.a")).toBe(false);
  expect([...subset(weights, (name) => name.endsWith(".a")).names]).toEqual(["unet.a", "vae.a"]);
  expect([...rename(unet, (name) => `x.${name}`).names]).toEqual(["x.a", "x.b"]);
  expect([...weights.names]).toEqual(["unet.a", "unet.b", "vae.a"]);
});

it("an overlay takes the top's tensor, and a rename never merges two", async () => {
  const weights = await opened();
  const both = overlay(stripPrefix(weights, "unet."), stripPrefix(weights, "vae."));
  expect([...entriesOf(both)].map(([name, { name: stored }]) => [name, stored])).toEqual([
    ["a", "vae.a"],
    ["b", "unet.b"],
  ]);
  expect(() => rename(weights, (name) => name.slice(-1))).toThrow(
    /two tensors mean "a"\n {2}found: "unet.a" and "vae.a"/,
  );
});

it("chunks cover the bytes in order", async () => {
  const bytes = Uint8Array.from({ length: 100 }, (_, i) => i);
  const chunks: Uint8Array[] = [];
  for await (const chunk of tensorChunks(lazy("u8", bytes, [100]), undefined, 32)) chunks.push(chunk);
  expect(chunks.map((chunk) => chunk.length)).toEqual([32, 32, 32, 4]);
  expect(chunks.flatMap((chunk) => [...chunk])).toEqual([...bytes]);
});

it("a scan finds NaN and infinity wherever they lie, in chunks of any size", async () => {
  const values = Float32Array.from({ length: 100 }, (_, i) => i - 50);
  values[40] = Infinity;
  values[77] = Number.NaN;
  values[99] = -Infinity;
  for (const chunkBytes of [8, 64, 400, 4096]) {
    const scan = await scanTensor(lazy("f32", new Uint8Array(values.buffer), [100]), undefined, chunkBytes);
    expect(scan).toEqual({ elements: 100, nan: 1, infinite: 2, zeros: 1, min: -50, max: 48, firstBad: 40 });
  }
});

it.each([
  ["f16", [0x01, 0x7c, 0x00, 0xfc, 0x00, 0x3c], 1, 1],
  ["bf16", [0xc0, 0x7f, 0x80, 0x7f, 0x80, 0x3f], 1, 1],
  ["f8e4m3", [0x7f, 0xff, 0x38], 2, 0],
  ["f8e5m2", [0x7d, 0xfc, 0x3c], 1, 1],
] as const)("a scan of %s counts its own NaN and infinity codes", async (dtype, bytes, nan, infinite) => {
  expect(await scanTensor(lazy(dtype, Uint8Array.from(bytes), [3]))).toEqual({
    elements: 3,
    nan,
    infinite,
    zeros: 0,
    min: 1,
    max: 1,
    firstBad: 0,
  });
});

it("a scan of nothing, and an aborted one", async () => {
  expect(await scanTensor(lazy("f16", new Uint8Array(), [0]))).toMatchObject({
    elements: 0,
    min: Infinity,
    firstBad: undefined,
  });
  await expect(scanTensor(lazy("u8", new Uint8Array(4), [4]), AbortSignal.abort())).rejects.toMatchObject({
    code: "interrupted",
  });
});
