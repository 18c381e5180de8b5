import { deflateSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { readExif } from "./exif.js";
import { EXIF_BYTES, writeExif } from "./exif-write.js";
import { scanJpeg } from "./jpeg-segments.js";
import { readPictureText } from "./picture-text.js";
import { emptyPixels } from "./pixels.js";
import { PNG_SIGNATURE, writeChunk } from "./png-chunks.js";
import { encodePng } from "./png-encode.js";
import { sniffPicture } from "./sniff.js";
import { scanWebp } from "./webp-chunks.js";

const bytes = (...parts: readonly (string | readonly number[] | Uint8Array)[]) =>
  Uint8Array.from(
    parts.flatMap((part) => (typeof part === "string" ? Array.from(part, (c) => c.charCodeAt(0)) : [...part])),
  );
const HEADER = writeChunk("IHDR", Uint8Array.of(0, 0, 0, 1, 0, 0, 0, 1, 8, 0, 0, 0, 0));
const IDAT = writeChunk("IDAT", deflateSync(Uint8Array.of(0, 0)));
const END = writeChunk("IEND", new Uint8Array(0));
const png = (...chunks: readonly Uint8Array[]) => bytes(PNG_SIGNATURE, HEADER, ...chunks, END);

describe("PNG text", () => {
  test("what is written is read back, as ASCII or UTF-8", async () => {
    const texts = [
      { keyword: "parameters", text: "plain\nSteps: 4" },
      { keyword: "fewstep", text: "☂ 😺 <script>alert(1)</script>" },
      { keyword: "empty", text: "" },
    ];
    const { entries, faults, size } = await readPictureText(await encodePng(emptyPixels(3, 2), { texts }));
    expect(entries.map(({ keyword, text }) => ({ keyword, text }))).toEqual(texts);
    expect(entries.map(({ place }) => place.chunk)).toEqual(["tEXt", "iTXt", "tEXt"]);
    expect(faults).toEqual([]);
    expect(size).toEqual({ width: 3, height: 2 });
  });

  test("Latin-1 and stray UTF-8 in tEXt", async () => {
    const file = png(writeChunk("tEXt", bytes("a\0caf\xe9")), writeChunk("tEXt", bytes("b\0caf\xc3\xa9")), IDAT);
    const { entries } = await readPictureText(file);
    expect(entries.map(({ text, place }) => [text, place.encoding])).toEqual([
      ["café", "latin-1"],
      ["café", "utf-8"],
    ]);
  });

  const bomb = deflateSync(new Uint8Array(5_000_000));
  const cases: Readonly<Record<string, readonly [string, Uint8Array]>> = {
    "no keyword": ["png-keyword", writeChunk("tEXt", bytes("\0text"))],
    "no end of the keyword": ["png-keyword", writeChunk("tEXt", bytes("text"))],
    "keyword of 80": ["png-keyword", writeChunk("tEXt", bytes(`${"k".repeat(80)}\0text`))],
    "empty chunk": ["png-keyword", writeChunk("zTXt", new Uint8Array(0))],
    "zTXt bomb": ["deflate-too-large", writeChunk("zTXt", bytes("k\0\0", bomb))],
    "iTXt bomb": ["deflate-too-large", writeChunk("iTXt", bytes("k\0\x01\0\0\0", bomb))],
    "huge tEXt": ["png-text-too-large", writeChunk("tEXt", bytes("k\0", new Uint8Array(4_200_000).fill(65)))],
    "unknown compression": ["png-text", writeChunk("zTXt", bytes("k\0\x01abc"))],
    "iTXt without fields": ["png-text", writeChunk("iTXt", bytes("k\0\0"))],
    "iTXt flag 2": ["png-text", writeChunk("iTXt", bytes("k\0\x02\0\0\0text"))],
    "eXIf of noise": ["exif-broken", writeChunk("eXIf", bytes("noise"))],
  };
  test.each(Object.entries(cases))("%s is a fault and the next text is read", async (_, [code, chunk]) => {
    const { entries, faults } = await readPictureText(png(chunk, IDAT, writeChunk("tEXt", bytes("good\0text"))));
    expect(faults.map((fault) => fault.code)).toEqual([code]);
    expect(entries.map(({ keyword, text }) => `${keyword} ${text}`)).toEqual(["good text"]);
  });

  test("many bombs cost no more than the limit for all texts", async () => {
    const chunks = Array.from({ length: 40 }, () => writeChunk("zTXt", bytes("k\0\0", bomb)));
    const { faults } = await readPictureText(png(...chunks, IDAT));
    expect(faults.filter(({ code }) => code === "deflate-too-large")).toHaveLength(4);
    expect(faults.filter(({ code }) => code === "png-text-too-large")).toHaveLength(36);
  });
});

describe("EXIF", () => {
  /** A big-endian TIFF block: tags as [tag, type, value bytes], with long values behind the directory. */
  const tiff = (tags: readonly (readonly [number, number, Uint8Array])[], base = 8): Uint8Array => {
    const values: number[] = [];
    const start = base + 2 + tags.length * 12 + 4;
    const rows = tags.flatMap(([tag, type, value]) => {
      const count = type === 3 ? value.length / 2 : type === 4 ? value.length / 4 : value.length;
      const at = start + values.length;
      if (value.length > 4) values.push(...value);
      const field = value.length > 4 ? [0, 0, at >> 8, at & 255] : [...value, 0, 0, 0, 0].slice(0, 4);
      return [tag >> 8, tag & 255, 0, type, 0, 0, count >> 8, count & 255, ...field];
    });
    const header = base === 8 ? [0x4d, 0x4d, 0, 42, 0, 0, 0, 8] : [];
    return Uint8Array.from([...header, 0, tags.length, ...rows, 0, 0, 0, 0, ...values]);
  };
  const comment = (...parts: readonly (string | readonly number[])[]) =>
    readExif(tiff([[0x9286, 7, bytes(...parts)]]), "png");

  test.each([
    [["ASCII\0\0\0", "plain"], "plain", "ascii"],
    [["UNICODE\0", [0, 0x61, 0x26, 0x02]], "a☂", "utf-16be"],
    [["UNICODE\0", [0x61, 0, 0x02, 0x26]], "a☂", "utf-16le"],
    [["UNICODE\0", [0xff, 0xfe, 0x02, 0x26]], "☂", "utf-16le"],
    [["UNICODE\0", [0xfe, 0xff, 0x26, 0x02]], "☂", "utf-16be"],
    [["UNICODE\0", [0x26, 0x02]], "☂", "utf-16be"],
    [["\0\0\0\0\0\0\0\0", [0xe2, 0x98, 0x82]], "☂", "utf-8"],
    [["ASCII\0\0\0", [0xe9]], "é", "latin-1"],
    [["no code, just text"], "no code, just text", "ascii"],
    [["ASCII\0\0\0", "padded\0\0\0"], "padded", "ascii"],
  ] as const)("comment %j", (parts, text, encoding) => {
    const { entries } = comment(...parts);
    expect(entries.map((entry) => [entry.keyword, entry.text, entry.place.encoding])).toEqual([
      ["UserComment", text, encoding],
    ]);
  });

  test.each(["", "a ☂ 😺\nSteps: 4", "ASCII only", "日本語", "x".repeat(32_737)])(
    "a written block reads back %#",
    (text) => {
      const { entries, faults } = readExif(writeExif({ comment: text }), "jpeg");
      expect([entries.map((entry) => entry.text), faults]).toEqual([[text], []]);
    },
  );
  test("fewstep's own text lies beside it as the maker's note; a camera's note is no text", () => {
    const own = '{"fewstep":1,"settings":{"prompt":"a ☂"}}';
    for (const texts of [{ own }, { comment: "a ☂", own }, { comment: "odd", own: `${own} ` }]) {
      const { entries, faults } = readExif(writeExif(texts), "webp");
      expect(faults).toEqual([]);
      const found = Object.fromEntries(entries.map(({ keyword, text }) => [keyword, text]));
      expect(found).toEqual({ ...("comment" in texts ? { UserComment: texts.comment } : {}), fewstep: texts.own });
    }
    const note = Uint8Array.from("FUJIFILM\0{}", (letter) => letter.charCodeAt(0));
    expect(readExif(tiff([[0x927c, 7, note]]), "jpeg").entries).toEqual([]);
  });
  test("a text over JPEG's limit is refused, and one within WebP's is not", () => {
    const long = { comment: "x".repeat(20_000), own: "x".repeat(30_000) };
    expect(() => writeExif(long)).toThrowError(expect.objectContaining({ code: "exif-text-too-large" }));
    expect(readExif(writeExif(long, EXIF_BYTES.webp), "webp").entries.map(({ text }) => text.length)).toEqual([
      20_000, 30_000,
    ]);
  });
  test("a comment over JPEG's limit is refused", () => {
    expect(() => writeExif({ comment: "x".repeat(32_738) })).toThrowError(
      expect.objectContaining({ code: "exif-text-too-large" }),
    );
  });

  test("orientation 1 to 8, nothing else", () => {
    const turn = (value: number) => readExif(tiff([[0x0112, 3, Uint8Array.of(0, value)]]), "jpeg").orientation;
    expect([0, 1, 6, 8, 9].map(turn)).toEqual([undefined, 1, 6, 8, undefined]);
  });

  test("the Exif directory is followed once", () => {
    const inner = tiff([[0x9286, 7, bytes("ASCII\0\0\0deep")]], 26);
    const outer = tiff([[0x8769, 4, Uint8Array.of(0, 0, 0, 26)]]);
    const { entries, faults } = readExif(Uint8Array.from([...outer.subarray(0, 26), ...inner]), "jpeg");
    expect([entries[0]?.text, faults]).toEqual(["deep", []]);
    const loop = tiff([[0x8769, 4, Uint8Array.of(0, 0, 0, 8)]]);
    expect(readExif(loop, "jpeg").entries).toEqual([]);
  });

  test.each([
    ["nothing", new Uint8Array(0)],
    ["a wrong number", bytes("MM\0\x2b\0\0\0\x08")],
    ["a directory outside", bytes("MM\0\x2a\xff\xff\xff\xff")],
    ["65,535 tags", bytes("MM\0\x2a\0\0\0\x08\xff\xff")],
    ["a value outside", tiff([[0x9286, 7, new Uint8Array(9)]]).subarray(0, 30)],
  ])("%s is a fault", (_, block) => {
    const { entries, faults } = readExif(block, "png");
    expect([entries, faults.map(({ code }) => code)]).toEqual([[], ["exif-broken"]]);
  });
});

describe("containers", () => {
  test("JPEG: size and EXIF, fill bytes, cut segments", () => {
    const frame = [0xff, 0xc2, 0, 11, 8, 0, 3, 0, 5, 1, 1, 0x11, 0];
    const exif = bytes([0xff, 0xe1, 0, 12], "Exif\0\0MM\0*");
    const file = bytes([0xff, 0xd8, 0xff, 0xff], exif, frame, [0xff, 0xda]);
    expect(scanJpeg(file)).toEqual({ exif: bytes("Exif\0\0MM\0*"), size: { width: 5, height: 3 }, faults: [] });
    for (const cut of [2, 3, 5, 9, 20]) expect(scanJpeg(file.subarray(0, cut)).faults[0]?.code).toBe("jpeg-broken");
    expect(scanJpeg(bytes([0xff, 0xd8, 0x00, 0x00])).faults[0]?.code).toBe("jpeg-broken");
  });

  test.each([
    ["VP8X", [2, 0, 0, 0, 4, 0, 0, 2, 0, 0], { width: 5, height: 3 }],
    ["VP8L", [0x2f, 4, 0x80, 0, 0], { width: 5, height: 3 }],
    ["VP8 ", [0, 0, 0, 0x9d, 1, 0x2a, 5, 0, 3, 0], { width: 5, height: 3 }],
  ] as const)("WebP: size in %s", (type, data, size) => {
    const padded = [...data, ...(data.length % 2 ? [0] : [])];
    const file = bytes("RIFF", [4 + 8 + padded.length, 0, 0, 0], "WEBP", type, [data.length, 0, 0, 0], padded);
    expect(scanWebp(file)).toEqual({ exif: undefined, size, faults: [] });
    expect(scanWebp(file.subarray(0, -3)).faults[0]?.code).toBe("webp-broken");
    expect(sniffPicture(file)).toEqual({ format: "webp", animated: type === "VP8X" });
  });

  test.each([
    ["", "image-empty", "0 bytes"],
    ["<svg xmlns='x'><script/></svg>", "image-format", "an SVG drawing"],
    ["<?xml version='1.0'?><svg/>", "image-format", "an SVG drawing"],
    ["\n <!DOCTYPE html><html>", "image-format", "an HTML or XML page"],
    ["\0\0\0\x18ftypheic", "image-format", "a HEIC picture"],
    ["\0\0\0\x18ftypavif", "image-format", "an AVIF picture"],
    ["\0\0\0\x18ftypisom", "image-format", "a film or other ISO media file"],
    ["GIF89a", "image-format", "a GIF picture"],
    ["BM1234", "image-format", "a BMP picture"],
    ["II*\0", "image-format", "a TIFF picture"],
    ["%PDF-1.7", "image-format", "a PDF document"],
    ["{}", "image-format", "JSON text"],
    ["what", "image-format", "unknown bytes"],
  ])("%j is refused by name", (text, code, found) => {
    expect(() => sniffPicture(bytes(text))).toThrowError(expect.objectContaining({ code, found }));
  });

  test("a file over the limit", () => {
    expect(() => sniffPicture(new Uint8Array(64 * 1024 * 1024 + 1))).toThrowError(
      expect.objectContaining({ code: "image-too-large" }),
    );
  });
});
