// All or nothing: never over a file that is there, never half a file, never a temporary one left.
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { exists, writeFileAtomically } from "./atomic-write.js";

const bytes = (text: string) => new TextEncoder().encode(text);
let folder = "";

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "fewstep-write-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

test("writes a new file and leaves nothing else", async () => {
  await writeFileAtomically(join(folder, "a.png"), bytes("one"));
  expect(await readdir(folder)).toEqual(["a.png"]);
  expect(await readFile(join(folder, "a.png"), "utf8")).toBe("one");
});

test("writes chunks as they are made; where making them fails, nothing is left and the error is theirs", async () => {
  async function* chunks(fails: boolean) {
    yield bytes("one ");
    if (fails) throw new RangeError("no more");
    yield bytes("two");
  }
  await writeFileAtomically(join(folder, "a"), chunks(false));
  expect(await readFile(join(folder, "a"), "utf8")).toBe("one two");
  await expect(writeFileAtomically(join(folder, "b"), chunks(true))).rejects.toThrowError(RangeError);
  expect(await readdir(folder)).toEqual(["a"]);
});

test("does not replace a file, a folder or a broken link", async () => {
  await writeFile(join(folder, "file"), "old");
  await mkdir(join(folder, "folder"));
  await symlink(join(folder, "nowhere"), join(folder, "link"));
  for (const name of ["file", "folder", "link"]) {
    await expect(writeFileAtomically(join(folder, name), bytes("new"))).rejects.toMatchObject({
      code: "output-exists",
      kind: "input",
    });
  }
  expect(await readFile(join(folder, "file"), "utf8")).toBe("old");
  expect(await readdir(folder)).toEqual(["file", "folder", "link"]);
});

test("of two writers without leave to replace exactly one wins", async () => {
  const path = join(folder, "a");
  const results = await Promise.allSettled(["1", "2", "3", "4"].map((text) => writeFileAtomically(path, bytes(text))));
  expect(results.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
  expect(await readdir(folder)).toEqual(["a"]);
});

test("replaces when told to; a link is replaced, not written through", async () => {
  await writeFile(join(folder, "target"), "kept");
  await symlink(join(folder, "target"), join(folder, "link"));
  await writeFileAtomically(join(folder, "link"), bytes("new"), { replace: true });
  expect(await readFile(join(folder, "link"), "utf8")).toBe("new");
  expect(await readFile(join(folder, "target"), "utf8")).toBe("kept");
});

test("a folder that is not there fails by name, an aborted write leaves nothing", async () => {
  await expect(writeFileAtomically(join(folder, "no", "a"), bytes("x"))).rejects.toMatchObject({
    code: "output-unwritable",
    kind: "failed",
  });
  const signal = AbortSignal.abort();
  await expect(writeFileAtomically(join(folder, "a"), bytes("x"), { signal })).rejects.toMatchObject({
    code: "interrupted",
  });
  expect(await readdir(folder)).toEqual([]);
});

test.runIf(process.platform === "linux")("a file system that takes no files is said", async () => {
  const error = await writeFileAtomically("/proc/self/fewstep.png", bytes("x")).catch((caught: unknown) => caught);
  expect(error).toMatchObject({ code: "output-unwritable" });
});

test("exists: false for nothing, true for a broken link", async () => {
  await symlink(join(folder, "nowhere"), join(folder, "link"));
  expect([await exists(join(folder, "link")), await exists(join(folder, "other"))]).toEqual([true, false]);
});
