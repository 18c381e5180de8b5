// Picture files: PNG as it is, JPEG only with sharp, and nothing else.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { encodePng } from "@fewstep/core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readPicture } from "./read-picture.js";

let folder = "";
const { signal } = new AbortController();
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "fewstep-picture-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function file(name: string, bytes: Uint8Array | string): string {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  return path;
}

test("a PNG, whatever its name", async () => {
  const pixels = { width: 2, height: 1, data: Uint8Array.of(1, 2, 3, 255, 4, 5, 6, 255) };
  await expect(readPicture(file("a.jpg", await encodePng(pixels)), signal)).resolves.toEqual(pixels);
});

test.each([
  ["empty.png", "", "image-empty"],
  ["film.png", "GIF89a", "image-format"],
  ["page.png", "<!DOCTYPE html>", "image-format"],
])("%s is refused", async (name, bytes, code) => {
  await expect(readPicture(file(name, bytes), signal)).rejects.toMatchObject({ code, kind: "input" });
});

test("a damaged JPEG is refused, with sharp or without", async () => {
  const jpeg = file("a.png", Uint8Array.of(0xff, 0xd8, 0xff, 0xe0, 0, 4, 1, 2));
  await expect(readPicture(jpeg, signal)).rejects.toMatchObject({ code: expect.stringMatching(/^(image|jpeg)-/) });
});

test("no such file, and a folder", async () => {
  await expect(readPicture(join(folder, "none.png"), signal)).rejects.toMatchObject({ kind: "input" });
  await expect(readPicture(folder, signal)).rejects.toMatchObject({ kind: "input" });
});
