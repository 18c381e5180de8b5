// Hashes in the background: right, cached by path, size and time, and gone when they are told to.
import { createHash } from "node:crypto";
import { mkdtemp, readFile, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openFile } from "../files/open-file.js";
import { layoutSafetensors, writeSafetensors } from "../weights/safetensors-writer.js";
import { FileHasher } from "./file-hasher.js";

let folder = "";
let cache = "";
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "fewstep-hash-"));
  cache = join(folder, "cache", "hashes.json");
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const sha256 = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");

async function put(name: string, bytes: Uint8Array | string) {
  await writeFile(join(folder, name), bytes);
  return openFile(join(folder, name));
}

test("hashes whole files, several at once", async () => {
  const hasher = new FileHasher(cache);
  const big = new Uint8Array(9_000_001).map((_, i) => i * 31);
  const [a, b] = [await put("a", big), await put("b", "b")];
  expect(await Promise.all([hasher.hash(a, "file"), hasher.hash(b, "file")])).toEqual([
    sha256(big),
    sha256(new TextEncoder().encode("b")),
  ]);
});

test("hashes the tensors behind a header, whatever the metadata says", async () => {
  const data = new Uint8Array([1, 2, 3, 4, 5, 6, 7, 8]);
  const tensor = { name: "a", dtype: "u8", shape: [8], chunks: () => [data] } as const;
  const parts: Uint8Array[] = [];
  for await (const part of writeSafetensors(layoutSafetensors([tensor], { note: "whatever" }))) parts.push(part);
  const source = await put("l.safetensors", Buffer.concat(parts));
  expect(await new FileHasher(cache).hash(source, "tensors")).toBe(sha256(data));
});

test("a known file is not read again; a changed one is", async () => {
  const source = await put("a", "one");
  const hasher = new FileHasher(cache);
  const first = await hasher.hash(source, "file");
  const entries = JSON.parse(await readFile(cache, "utf8")) as { sha256: string }[];
  expect(entries.map((entry) => entry.sha256)).toEqual([first]);
  // what the cache says is believed, so a lie in it shows that the file was not read
  await writeFile(cache, JSON.stringify(entries.map((entry) => ({ ...entry, sha256: "0".repeat(64) }))));
  expect(await hasher.hash(source, "file")).toBe("0".repeat(64));
  await utimes(source.path as string, new Date(), new Date(1_000_000));
  expect(await hasher.hash(source, "file")).toBe(first);
});

test.each(["", "{", "[]", '[{"path":1}]', "null", '[{"__proto__":{"path":"a"}}]'])(
  "a cache of %j is begun anew",
  async (text) => {
    const source = await put("a", "one");
    const hasher = new FileHasher(cache);
    await hasher.hash(source, "file");
    await writeFile(cache, text);
    expect(await hasher.hash(source, "file")).toBe(sha256(new TextEncoder().encode("one")));
  },
);

test("an abort and a disposal end the hashing", async () => {
  const source = await put("a", new Uint8Array(30_000_000));
  const hasher = new FileHasher(cache);
  const controller = new AbortController();
  const aborted = hasher.hash(source, "file", controller.signal);
  controller.abort();
  await expect(aborted).rejects.toMatchObject({ code: "interrupted" });
  const disposed = hasher.hash(source, "file");
  setTimeout(() => hasher.dispose(), 20);
  await expect(disposed).rejects.toMatchObject({ code: "interrupted" });
});

test("a file that is gone is an error with its reason", async () => {
  const source = await put("a", "one");
  await rm(source.path as string);
  await expect(new FileHasher(cache).hash(source, "file")).rejects.toMatchObject({
    code: "hash-failed",
    kind: "failed",
  });
});
