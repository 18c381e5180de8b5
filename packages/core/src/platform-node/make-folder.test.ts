import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { makeFolder } from "./make-folder.js";

const root = mkdtempSync(join(tmpdir(), "fewstep-folder-"));
afterAll(() => rmSync(root, { recursive: true }));

it("makes what is missing on the way, and leaves what is there", async () => {
  const path = join(root, "a", "b", "c");
  await makeFolder(path);
  await makeFolder(path);
  expect(statSync(path).isDirectory()).toBe(true);
  await Promise.all(["x", "y"].map((name) => makeFolder(join(root, "many", name))));
  await makeFolder(join(root, "many"));
});

it("refuses a file in the way", async () => {
  const file = join(root, "file");
  writeFileSync(file, "");
  await expect(makeFolder(file)).rejects.toMatchObject({ code: "EEXIST" });
  await expect(makeFolder(join(file, "below"))).rejects.toMatchObject({ code: "ENOTDIR" });
});

it.skipIf(!existsSync("/proc/self"))("ends where nothing can be made", async () => {
  await expect(makeFolder("/proc/none/below")).rejects.toMatchObject({ code: "ENOENT" });
});
