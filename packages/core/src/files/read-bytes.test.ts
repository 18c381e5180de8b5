import { mkdtemp, openAsBlob, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, it } from "vitest";
import { readBytes } from "./read-bytes.js";

const source = (blob: Blob) => ({ name: "model.safetensors", blob });

it("reads a stretch", async () => {
  const file = source(new Blob([Uint8Array.of(1, 2, 3, 4, 5)]));
  expect([...(await readBytes(file, 1, 3))]).toEqual([2, 3, 4]);
  expect(await readBytes(file, 5, 0)).toEqual(new Uint8Array());
});

it("says when there is less than there was", async () => {
  await expect(readBytes(source(new Blob(["abc"])), 1, 3)).rejects.toMatchObject({
    code: "file-changed",
    kind: "failed",
  });
});

it("a file cut or removed on disk is an error with a cause, not a crash", async () => {
  const folder = await promisify(mkdtemp)(join(tmpdir(), "fewstep-"));
  const path = join(folder, "model.safetensors");
  try {
    writeFileSync(path, new Uint8Array(1000));
    const file = source(await openAsBlob(path));
    expect((await readBytes(file, 0, 1000)).length).toBe(readFileSync(path).length);
    truncateSync(path, 10);
    await expect(readBytes(file, 0, 1000)).rejects.toMatchObject({ code: "file-unreadable", kind: "failed" });
    rmSync(path);
    await expect(readBytes(file, 0, 1)).rejects.toMatchObject({ code: "file-unreadable" });
  } finally {
    rmSync(folder, { recursive: true });
  }
});

it("stops at an abort, before and after the read", async () => {
  const controller = new AbortController();
  const pending = readBytes(source(new Blob(["abc"])), 0, 3, controller.signal);
  controller.abort();
  await expect(pending).rejects.toMatchObject({ code: "interrupted" });
  await expect(readBytes(source(new Blob(["abc"])), 0, 3, controller.signal)).rejects.toMatchObject({
    code: "interrupted",
  });
});
