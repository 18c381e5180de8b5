// Names of results, checked before any work, and what is on the disk when writing fails.
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { interrupted, type TensorToWrite } from "@fewstep/core";
import { afterEach, beforeEach, expect, test } from "vitest";
import { checkWeightsOutput, writeWeights } from "./weights-output.js";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "fewstep-output-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const code = (name: string, force = false) =>
  checkWeightsOutput({ out: join(folder, name), force }).then(
    () => "fine",
    (error: { readonly code: string }) => error.code,
  );

test("a name must end in .safetensors, lie in a folder that is there, and be free or given up", async () => {
  writeFileSync(join(folder, "taken.safetensors"), "mine");
  mkdirSync(join(folder, "folder.safetensors"));
  expect(await code("new.safetensors")).toBe("fine");
  expect(await code("a.ckpt")).toBe("not-safetensors-name");
  expect(await code("no/a.safetensors")).toBe("bad-output");
  expect(await code(`${"x".repeat(300)}.safetensors`)).toBe("bad-output");
  expect(await code("taken.safetensors")).toBe("output-exists");
  expect(await code("taken.safetensors", true)).toBe("fine");
  expect(await code("folder.safetensors", true)).toBe("bad-output");
});

const progress = { at: () => {}, end: () => {} };
const tensor = (chunks: TensorToWrite["chunks"]): TensorToWrite => ({ name: "a", dtype: "u8", shape: [2], chunks });
const write = (chunks: TensorToWrite["chunks"], signal = new AbortController().signal) =>
  writeWeights({ out: join(folder, "a.safetensors"), force: false }, [tensor(chunks)], {}, progress, signal);

test("writes the file whole, or nothing", async () => {
  const fails = function* () {
    yield Uint8Array.of(1);
    throw interrupted();
  };
  await expect(write(fails)).rejects.toMatchObject({ code: "interrupted" });
  await expect(write(() => [Uint8Array.of(1)])).rejects.toMatchObject({ code: "tensor-bytes-mismatch" });
  await expect(write(() => [Uint8Array.of(1, 2)], AbortSignal.abort())).rejects.toMatchObject({ code: "interrupted" });
  expect(readdirSync(folder)).toEqual([]);
  const bytes = await write(() => [Uint8Array.of(1, 2)]);
  expect(readFileSync(join(folder, "a.safetensors"))).toHaveLength(bytes);
  await expect(write(() => [Uint8Array.of(3, 4)])).rejects.toMatchObject({ code: "output-exists" });
  expect([...readFileSync(join(folder, "a.safetensors")).subarray(-2)]).toEqual([1, 2]);
});
