// The codec over a stand-in for sharp (what is asked of it, and what becomes of its errors), and over sharp itself.
import { expect, test } from "vitest";
import { decodePicture, encodePicture } from "../image/codec.js";
import { writeExif } from "../image/exif-write.js";
import { readPictureText } from "../image/picture-text.js";
import { sharpCodec } from "./sharp-codec.js";

const pixels = { width: 1, height: 1, data: Uint8Array.of(1, 2, 3, 255) };
const limits = { maxPixels: 100 };

/** Answers like sharp, notes the calls, fails where told. */
function standIn(calls: string[], failure?: Error) {
  const image: Record<string, unknown> = {};
  for (const name of ["rotate", "toColourspace", "ensureAlpha", "raw", "jpeg", "webp"]) {
    image[name] = (options?: object) => {
      calls.push(options === undefined ? name : `${name} ${JSON.stringify(options)}`);
      return image;
    };
  }
  image.toBuffer = async (options?: object) => {
    if (failure !== undefined) throw failure;
    return options === undefined ? Uint8Array.of(0xff, 0xd8) : { data: pixels.data, info: { width: 1, height: 1 } };
  };
  return async () => ({
    default: (_input: Uint8Array, options: object) => {
      calls.push(JSON.stringify(options));
      return image;
    },
  });
}

test("without the package the error says how to get it", async () => {
  const missing = () => Promise.reject(new Error("Cannot find package 'sharp'"));
  await expect(sharpCodec(missing)).rejects.toMatchObject({ code: "image-codec-missing" });
});

test("decodes upright, within the limit, with alpha", async () => {
  const calls: string[] = [];
  const codec = await sharpCodec(standIn(calls));
  expect(await codec.decode(new Uint8Array(3), "jpeg", limits)).toEqual(pixels);
  expect(calls).toEqual([
    '{"limitInputPixels":100,"failOn":"error"}',
    "rotate",
    'toColourspace "srgb"',
    "ensureAlpha",
    "raw",
  ]);
});

test("encodes at the quality asked for", async () => {
  const calls: string[] = [];
  const codec = await sharpCodec(standIn(calls));
  expect(await codec.encode(pixels, "webp", { quality: 80 })).toEqual(Uint8Array.of(0xff, 0xd8));
  expect(calls).toEqual(['{"raw":{"width":1,"height":1,"channels":4}}', 'webp {"quality":80}']);
});

test("a picture that sharp cannot read is bad input, an abort is an abort", async () => {
  const codec = await sharpCodec(standIn([], new Error("VipsJpeg: premature end")));
  await expect(codec.decode(new Uint8Array(3), "jpeg", limits)).rejects.toMatchObject({ code: "image-cannot-read" });
  const signal = AbortSignal.abort();
  await expect(codec.decode(new Uint8Array(3), "jpeg", { ...limits, signal })).rejects.toMatchObject({
    code: "interrupted",
  });
  await expect(decodePicture(Uint8Array.of(0xff, 0xd8, 0xff), { codec })).rejects.toMatchObject({ kind: "input" });
});

const ramp = {
  width: 48,
  height: 32,
  data: Uint8Array.from({ length: 48 * 32 * 4 }, (_, i) => (i % 4 === 3 ? 255 : (i * 3) % 256)),
};

test.each(["jpeg", "webp"] as const)("sharp itself writes %s with a text, and reads it back", async (format) => {
  const codec = await sharpCodec();
  const exif = writeExif({ comment: "a ☂\nSteps: 4" });
  const flat = { ...ramp, data: ramp.data.map((_, i) => (i % 4 === 3 ? 255 : 40 + 50 * (i % 4))) };
  const file = await encodePicture(flat, format, { codec, quality: 95, exif });
  const read = await decodePicture(file, { codec });
  expect([read.width, read.height]).toEqual([48, 32]);
  const farthest = read.data.reduce((most, value, i) => Math.max(most, Math.abs(value - flat.data[i]!)), 0);
  expect(farthest).toBeLessThanOrEqual(4);
  const { entries, faults } = await readPictureText(file);
  expect([entries.map(({ text }) => text), faults]).toEqual([["a ☂\nSteps: 4"], []]);
  const small = await encodePicture(ramp, format, { codec, quality: 10 });
  expect(small.length).toBeLessThan((await encodePicture(ramp, format, { codec, quality: 95 })).length);
});

test.each(["jpeg", "webp"] as const)(
  "a cut %s is bad input, and one beyond the limit is not decoded",
  async (format) => {
    const codec = await sharpCodec();
    const file = await encodePicture(ramp, format, { codec });
    await expect(decodePicture(file.slice(0, file.length >> 1), { codec })).rejects.toMatchObject({ kind: "input" });
    await expect(decodePicture(file, { codec, maxPixels: 1000 })).rejects.toMatchObject({
      code: "image-too-many-pixels",
    });
  },
);
