// EXIF put into encoded pictures, read back by the readers that know nothing of the writer.
import { expect, test } from "vitest";
import { writeExif } from "../image/exif-write.js";
import { scanJpeg } from "../image/jpeg-segments.js";
import { scanWebp } from "../image/webp-chunks.js";
import { insertExif } from "./insert-exif.js";

const exif = writeExif({ comment: "a cat\nSteps: 4, Size: 24x16" });
const size = { width: 24, height: 16 };
const ascii = (text: string) => Array.from(text, (letter) => letter.charCodeAt(0));

/** Start of image, a frame header of 24 x 16, start of scan, end. */
const jpeg = Uint8Array.from([
  0xff, 0xd8, 0xff, 0xc0, 0, 11, 8, 0, 16, 0, 24, 1, 1, 0x11, 0, 0xff, 0xda, 0, 2, 0xff, 0xd9,
]);

function webp(...chunks: readonly (readonly number[])[]): Uint8Array<ArrayBuffer> {
  const body = [...ascii("WEBP"), ...chunks.flat()];
  return Uint8Array.from([...ascii("RIFF"), body.length, 0, 0, 0, ...body]);
}
const lossless = (alpha: number) => [...ascii("VP8L"), 5, 0, 0, 0, 0x2f, 23, 0xc0, 3, alpha, 0];
const extended = [...ascii("VP8X"), 10, 0, 0, 0, 0x10, 0, 0, 0, 23, 0, 0, 15, 0, 0];

test("a JPEG gets a first segment, the rest stays", () => {
  const out = insertExif(jpeg, "jpeg", exif, size);
  const scan = scanJpeg(out);
  expect(scan.faults).toEqual([]);
  expect(scan.size).toEqual(size);
  expect(scan.exif).toEqual(Uint8Array.from([...ascii("Exif\0\0"), ...exif]));
  expect(out.subarray(out.length - jpeg.length + 2)).toEqual(jpeg.subarray(2));
});

test.each([
  ["lossless", webp(lossless(0)), 0x08],
  ["lossless with alpha", webp(lossless(0x10)), 0x18],
  ["extended", webp(extended, lossless(0x10)), 0x18],
])("a WebP (%s) gets its flags, its size and the chunk", (_name, file, flags) => {
  const out = insertExif(file, "webp", exif, size);
  const scan = scanWebp(out);
  expect(scan.faults).toEqual([]);
  expect(scan.size).toEqual(size);
  expect(scan.exif).toEqual(exif);
  expect(String.fromCharCode(...out.subarray(12, 16))).toBe("VP8X");
  expect(out[20]).toBe(flags);
  expect(new DataView(out.buffer).getUint32(4, true) + 8).toBe(out.length);
});
