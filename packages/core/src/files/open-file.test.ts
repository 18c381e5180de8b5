// Files as sources of slices, at sizes that Node's own read does not take.
import { closeSync, mkdtempSync, openSync, rmSync, truncateSync, writeSync } from "node:fs";
import { freemem, tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { openFile } from "./open-file.js";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "fewstep-open-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Just above what fits into a signed 32-bit length. */
const LARGE = 2 ** 31 + 8;

it.skipIf(freemem() < 2 * LARGE)("reads more than 2 GiB at once", async () => {
  const path = join(folder, "large.bin");
  const file = openSync(path, "w");
  // a hole with two bytes at its ends
  writeSync(file, Uint8Array.of(1), 0, 1, 0);
  writeSync(file, Uint8Array.of(2), 0, 1, LARGE - 1);
  closeSync(file);
  const { blob } = await openFile(path);
  const bytes = new Uint8Array(await blob.slice(0, LARGE).arrayBuffer());
  expect([bytes.length, bytes[0], bytes[2 ** 31 - 1], bytes[LARGE - 1]]).toEqual([LARGE, 1, 0, 2]);
});

it("gives what is there where a file became shorter", async () => {
  const path = join(folder, "cut.bin");
  const file = openSync(path, "w");
  writeSync(file, Uint8Array.of(1, 2, 3, 4));
  closeSync(file);
  const { blob } = await openFile(path);
  truncateSync(path, 2);
  expect([...new Uint8Array(await blob.slice(0, 4).arrayBuffer())]).toEqual([1, 2]);
});
