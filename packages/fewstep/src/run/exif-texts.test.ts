// What a JPEG and a WebP have room for, and what is said of the rest.
import { EXIF_BYTES, FEWSTEP_KEY, writeExif } from "@fewstep/core";
import { expect, test } from "vitest";
import { exifOf } from "./exif-texts.js";

function held(format: "jpeg" | "webp", comment: string | undefined, own: string) {
  const notes: string[] = [];
  const texts = [
    ...(comment === undefined ? [] : [{ keyword: "parameters", text: comment }]),
    { keyword: FEWSTEP_KEY, text: own },
  ];
  const { exif } = exifOf(texts, format, (text) => notes.push(text));
  return { exif, notes };
}

test("both texts where they fit, fewstep's own alone where no other is asked for", () => {
  expect(held("jpeg", "a cat", "{}")).toEqual({ exif: writeExif({ comment: "a cat", own: "{}" }), notes: [] });
  expect(held("jpeg", undefined, "{}")).toEqual({ exif: writeExif({ own: "{}" }), notes: [] });
});

test("a JPEG leaves fewstep's own out first, then the other's, then both, and says so; a WebP has room", () => {
  const [some, much, tooMuch] = [20_000, 40_000, 70_000].map((count) => "x".repeat(count));
  const without = held("jpeg", some, much!);
  expect(without.exif).toEqual(writeExif({ comment: some! }));
  expect(without.notes).toEqual([expect.stringMatching(/without fewstep's own text.*65527 bytes, all texts are \d+/)]);
  const alone = held("jpeg", much, some!);
  expect(alone.exif).toEqual(writeExif({ own: some! }));
  expect(alone.notes).toEqual([expect.stringContaining("without other tools' words")]);
  expect(held("jpeg", tooMuch, tooMuch!)).toEqual({
    exif: undefined,
    notes: [expect.stringContaining("without its settings")],
  });
  const roomy = held("webp", tooMuch, tooMuch!);
  expect(roomy).toEqual({ exif: writeExif({ comment: tooMuch!, own: tooMuch! }, EXIF_BYTES.webp), notes: [] });
});
