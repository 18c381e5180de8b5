import { existsSync, mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { foldFile } from "./fold-file.js";

const folder = mkdtempSync(join(tmpdir(), "fewstep-test-"));
afterAll(() => rmSync(folder, { recursive: true }));

describe("foldFile", () => {
  it("keeps what was written, in a file that only its owner may read", async () => {
    const sink = foldFile({ folder });
    await sink.write(Uint8Array.of(1, 2));
    await sink.write(Uint8Array.of(3));
    const { path, blob } = await sink.finish();
    expect([...new Uint8Array(await blob.slice(0, blob.size).arrayBuffer())]).toEqual([1, 2, 3]);
    expect(statSync(path!).mode & 0o777).toBe(0o600);
    expect(statSync(dirname(path!)).mode & 0o777).toBe(0o700);
    await sink.discard();
    expect(existsSync(dirname(path!))).toBe(false);
  });

  it("leaves nothing behind when it is given up half written, and can be given up twice", async () => {
    const before = readdirSync(folder);
    const sink = foldFile({ folder });
    await sink.write(Uint8Array.of(1));
    await sink.discard();
    await sink.discard();
    expect(readdirSync(folder)).toEqual(before);
  });

  it("makes no file before the first byte", async () => {
    const before = readdirSync(folder);
    foldFile({ folder });
    expect(readdirSync(folder)).toEqual(before);
  });

  it("says what it cannot write to", async () => {
    const sink = foldFile({ folder: join(folder, "missing") });
    await expect(sink.write(Uint8Array.of(1))).rejects.toMatchObject({ code: "file-unwritable", kind: "failed" });
    await sink.discard();
  });

  it("stops when asked", async () => {
    const sink = foldFile({ folder });
    await expect(sink.write(Uint8Array.of(1), AbortSignal.abort())).rejects.toMatchObject({ code: "interrupted" });
  });
});
