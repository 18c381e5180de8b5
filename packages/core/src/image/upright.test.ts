// Every EXIF orientation, against sharp's (libvips) reading of the same tag, and PNG files that carry one.
import sharp from "sharp";
import { describe, expect, test } from "vitest";
import { decodePicture } from "./codec.js";
import type { Orientation } from "./exif.js";
import type { Pixels } from "./pixels.js";
import { writeChunk } from "./png-chunks.js";
import { encodePng } from "./png-encode.js";
import { upright } from "./upright.js";

const ORIENTATIONS: readonly Orientation[] = [1, 2, 3, 4, 5, 6, 7, 8];
const picture: Pixels = {
  width: 3,
  height: 2,
  data: Uint8Array.from({ length: 24 }, (_, i) => (i % 4 === 3 ? 255 : i)),
};

/** A TIFF block with the orientation alone. */
const block = (orientation: number): Uint8Array =>
  Uint8Array.of(0x4d, 0x4d, 0, 42, 0, 0, 0, 8, 0, 1, 1, 0x12, 0, 3, 0, 0, 0, 1, 0, orientation, 0, 0, 0, 0, 0, 0);

async function withExif(orientation: number): Promise<Uint8Array<ArrayBuffer>> {
  const png = await encodePng(picture);
  const end = png.length - 12;
  return Uint8Array.from([...png.subarray(0, end), ...writeChunk("eXIf", block(orientation)), ...png.subarray(end)]);
}

describe("orientation", () => {
  test.each(ORIENTATIONS)("%i as libvips turns it", async (orientation) => {
    const raw = { width: 3, height: 2, channels: 4 } as const;
    const file = await sharp(picture.data, { raw }).webp({ lossless: true }).withMetadata({ orientation }).toBuffer();
    const { data, info } = await sharp(file).rotate().ensureAlpha().raw().toBuffer({ resolveWithObject: true });
    const turned = upright(picture, orientation);
    expect([turned.width, turned.height, [...turned.data]]).toEqual([info.width, info.height, [...data]]);
  });

  test.each(ORIENTATIONS)("%i in a PNG file", async (orientation) => {
    expect(await decodePicture(await withExif(orientation))).toEqual(upright(picture, orientation));
  });

  test("one that is none leaves the picture as it is", async () => {
    expect(await decodePicture(await withExif(9))).toEqual(picture);
  });
});
