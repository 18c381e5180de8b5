// Hostile files given to the built command as a picture to start from, or to look at: refused with exit code 2 and an error that says what
// was found, nothing written, no unbounded memory; what is sound under a wrong name is read as what it is.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { crc32, deflateSync } from "node:zlib";
import { encodePicture, encodePng } from "@fewstep/core";
import { sharpCodec } from "@fewstep/core/node";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { HostileFolder, printedError } from "./hostile-command.js";
import { smallModel } from "./hostile-files.js";

let folder: HostileFolder;
let model = "";
beforeAll(async () => {
  folder = new HostileFolder();
  model = await smallModel("sd15-tiny");
});
afterAll(() => folder.remove());

/** A command that has loaded everything but a network; sharp is 40 MB of it. */
const PEAK_BYTES = 450e6;

type Bytes = Uint8Array | string;
type Row = readonly [name: string, bytes: Bytes | Promise<Bytes>, says: RegExp];

const SIGNATURE = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a);

function chunk(type: string, data: Uint8Array, length = data.length): Uint8Array {
  const body = Buffer.concat([Buffer.from(type, "latin1"), data]);
  const [head, tail] = [Buffer.alloc(4), Buffer.alloc(4)];
  head.writeUInt32BE(length);
  tail.writeUInt32BE(crc32(body));
  return Buffer.concat([head, body, tail]);
}

function header(width: number, height: number): Uint8Array {
  const data = Buffer.alloc(13);
  data.writeUInt32BE(width, 0);
  data.writeUInt32BE(height, 4);
  data.set([8, 2], 8);
  return chunk("IHDR", data);
}

const end = chunk("IEND", new Uint8Array(0));
const pixels = (bytes: number) => chunk("IDAT", deflateSync(new Uint8Array(bytes), { level: 9 }));
const png = (...chunks: readonly Uint8Array[]) => Buffer.concat([SIGNATURE, ...chunks]);

const small = { width: 16, height: 16, data: new Uint8Array(16 * 16 * 4).fill(200) };
const sound = encodePng(small);
const jpeg = sharpCodec().then((codec) => encodePicture(small, "jpeg", { codec }));
const webp = sharpCodec().then((codec) => encodePicture(small, "webp", { codec }));

/** The JPEG's frame header made to claim another size. */
const jpegOf = (width: number, height: number) =>
  jpeg.then((bytes) => {
    const claimed = Buffer.from(bytes);
    const frame = claimed.indexOf(Uint8Array.of(0xff, 0xc0));
    claimed.writeUInt16BE(height, frame + 5);
    claimed.writeUInt16BE(width, frame + 7);
    return claimed;
  });

/** The checksum of the pixels, damaged. */
const badCrc = sound.then((bytes) => bytes.map((byte, i) => (i === bytes.length - 14 ? byte ^ 1 : byte)));

const ROWS: readonly Row[] = [
  ["an empty file", "", /empty/],
  ["SVG", '<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>', /SVG|not a|unknown/i],
  ["a web page", "<!DOCTYPE html><script>alert(1)</script>", /not a|HTML|web page|unknown/i],
  ["HEIC", Buffer.concat([Uint8Array.of(0, 0, 0, 24), Buffer.from("ftypheic\0\0\0\0mif1heic")]), /HEIC/],
  ["GIF", "GIF89a\x01\0\x01\0\0\0\0;", /GIF/],
  [
    "an animated WebP",
    Buffer.concat([
      Buffer.from("RIFF"),
      Uint8Array.of(22, 0, 0, 0),
      Buffer.from("WEBPVP8X"),
      Uint8Array.of(10, 0, 0, 0, 2, 0, 0, 0, 15, 0, 0, 15, 0, 0),
    ]),
    /animat/,
  ],
  [
    "an animated PNG of a million frames",
    png(header(1, 1), chunk("acTL", Buffer.from("000f424000000000", "hex")), pixels(4), end),
    /animat/,
  ],
  ["a cut JPEG", jpeg.then((bytes) => bytes.subarray(0, bytes.length >> 1)), /JPEG|jpeg/],
  ["a cut WebP", webp.then((bytes) => bytes.subarray(0, bytes.length >> 1)), /WebP|webp/i],
  ["a JPEG of 65,535 by 65,535", jpegOf(65_535, 65_535), /too large.*65535 x 65535/s],
  ["a PNG of no size", png(header(0, 0), pixels(1), end), /size/],
  ["a PNG of 2^31 - 1 by 2^31 - 1", png(header(2 ** 31 - 1, 2 ** 31 - 1), pixels(1), end), /too large/],
  ["a PNG that unpacks to a gigabyte", png(header(1, 1), pixels(2 ** 30), end), /more|surplus|than/],
  ["two headers", png(header(1, 1), header(1, 1), pixels(4), end), /IHDR|header/],
  ["no end", sound.then((bytes) => bytes.subarray(0, bytes.length - 12)), /IEND/],
  ["cut pixels", sound.then((bytes) => bytes.subarray(0, 60)), /cut|truncated|IEND|chunk/],
  ["a wrong checksum", badCrc, /checksum/],
  ["a chunk of 2^32 - 1 bytes", png(header(1, 1), chunk("IDAT", new Uint8Array(4), 2 ** 32 - 1), end), /chunk/],
];

describe("as a picture to start from", () => {
  test.concurrent.each(ROWS.map((row, i) => [...row, i] as const))("%s", async (_, bytes, says, i) => {
    const path = join(folder.path, `picture-${i}.png`);
    writeFileSync(path, await bytes);
    const made = ["generate", "a", "--model", model, "--steps", "1", "--init", path, "--out", "a.png", "--json"];
    const ended = await folder.run(made);
    expect({ code: ended.code, written: ended.written }).toEqual({ code: 2, written: [] });
    const error = printedError(ended);
    expect(error.kind).toBe("input");
    expect([error.message, error.found ?? "", error.expected ?? "", error.hint ?? ""].join("\n")).toMatch(says);
    expect(ended.peakBytes).toBeLessThan(PEAK_BYTES);
  });

  test("a JPEG under a PNG's name is read as a JPEG", async () => {
    const path = join(folder.path, "really-jpeg.png");
    writeFileSync(path, await jpeg);
    const made = ["generate", "a", "--model", model, "--steps", "2", "--seed", "1", "--init", path, "--out", "a.png"];
    const ended = await folder.run(made);
    expect([ended.code, ended.written], ended.stderr).toEqual([0, ["a.png"]]);
  });
});

describe("as a picture to look at", () => {
  test("texts are shown as text: no control characters, no directions", async () => {
    const path = join(folder.path, "texts.png");
    const text = "a \u001b[2J<script>alert(1)</script> \u202egnp.exe ../../x (b:nan)\nSteps: 4, Seed: 1";
    const bytes = await sound;
    const texts = chunk("iTXt", Buffer.from(`parameters\0\0\0\0\0${text}`));
    writeFileSync(path, Buffer.concat([bytes.subarray(0, 33), texts, bytes.subarray(33)]));
    const ended = await folder.run(["inspect", path]);
    expect(ended.code).toBe(0);
    expect(ended.stdout).toContain("<script>");
    // biome-ignore lint/suspicious/noControlCharactersInRegex: what must not be there
    expect(ended.stdout).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u202a-\u202e]/);
  });

  test("a text that unpacks a thousandfold and 40 MB of text end in time and memory", async () => {
    const bytes = await sound;
    const bomb = chunk("zTXt", Buffer.concat([Buffer.from("parameters\0\0"), deflateSync(new Uint8Array(2 ** 26))]));
    const long = chunk("tEXt", Buffer.concat([Buffer.from("parameters\0"), Buffer.alloc(40 * 2 ** 20, ". ")]));
    for (const [name, text] of [["bomb", bomb] as const, ["long", long] as const]) {
      const path = join(folder.path, `${name}.png`);
      writeFileSync(path, Buffer.concat([bytes.subarray(0, 33), text, bytes.subarray(33)]));
      const ended = await folder.run(["inspect", path]);
      expect([0, 2]).toContain(ended.code);
      expect(ended.peakBytes).toBeLessThan(PEAK_BYTES + 200e6);
    }
  });
});
