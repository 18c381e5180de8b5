// Folders of wildcards: names, lines, and folders that are none.
import { mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { expandChoices } from "../text/choices.js";
import { readWildcards } from "./wildcards.js";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "fewstep-wildcards-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test("files below the folder, by path; lines without comments and blanks", async () => {
  mkdirSync(join(folder, "style"));
  writeFileSync(join(folder, "animal.txt"), "# all of them\r\ncat\r\n\r\n  big dog  \r\n");
  writeFileSync(join(folder, "style", "ink.TXT"), "\uFEFFink of a {fine|coarse} brush");
  writeFileSync(join(folder, "notes.md"), "no wildcard");
  const wildcards = await readWildcards(folder);
  expect([...wildcards]).toEqual([
    ["animal", ["cat", "big dog"]],
    ["style/ink", ["ink of a {fine|coarse} brush"]],
  ]);
  const texts = Array.from({ length: 40 }, (_, seed) =>
    expandChoices("a __animal__ in __style/ink__", { seed, wildcards }),
  );
  expect(new Set(texts)).toEqual(
    new Set(["cat", "big dog"].flatMap((a) => ["fine", "coarse"].map((b) => `a ${a} in ink of a ${b} brush`))),
  );
});

test("what is no folder, no text or too much is refused", async () => {
  await expect(readWildcards(join(folder, "none"))).rejects.toMatchObject({ code: "wildcards-unreadable" });
  writeFileSync(join(folder, "a.txt"), Uint8Array.of(0xff, 0xfe, 0x00));
  await expect(readWildcards(folder)).rejects.toMatchObject({ code: "wildcards-unreadable", kind: "input" });
  await expect(readWildcards(folder, AbortSignal.abort())).rejects.toMatchObject({ code: "interrupted" });
  rmSync(join(folder, "a.txt"));
  writeFileSync(join(folder, "large.txt"), "");
  truncateSync(join(folder, "large.txt"), 65 * 1024 * 1024);
  await expect(readWildcards(folder)).rejects.toMatchObject({ code: "wildcards-unreadable" });
});
