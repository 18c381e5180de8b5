import { deflateSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { FewstepError } from "../errors.js";
import { emptyPixels, type Pixels } from "./pixels.js";
import { PNG_SIGNATURE, writeChunk } from "./png-chunks.js";
import { decodePng } from "./png-decode.js";
import { encodePng } from "./png-encode.js";

const png = (...chunks: readonly Uint8Array[]) => Uint8Array.from([...PNG_SIGNATURE, ...chunks.flatMap((c) => [...c])]);
const ihdr = (width: number, height: number, depth: number, type: number, interlace = 0) => {
  const data = new Uint8Array(13);
  const view = new DataView(data.buffer);
  view.setUint32(0, width);
  view.setUint32(4, height);
  data.set([depth, type, 0, 0, interlace], 8);
  return writeChunk("IHDR", data);
};
const idat = (raw: Uint8Array) => writeChunk("IDAT", deflateSync(raw));
const iend = writeChunk("IEND", new Uint8Array(0));

const codeOf = async (promise: Promise<unknown>): Promise<string> => {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(FewstepError);
  return (error as FewstepError).code;
};

function noise(width: number, height: number, alpha: boolean): Pixels {
  const pixels = emptyPixels(width, height);
  let state = 12345;
  for (let i = 0; i < pixels.data.length; i++) {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    pixels.data[i] = i % 4 === 3 && !alpha ? 255 : state >>> 24;
  }
  return pixels;
}

/** A writer of its own, to test the reader with: every form, all five filters in turn, samples given by a function. */
function write(
  form: { width: number; height: number; depth: number; type: number; channels: number; interlace: number },
  sample: (x: number, y: number, channel: number) => number,
): Uint8Array {
  const { width, height, depth, channels } = form;
  const passes = form.interlace
    ? [
        [0, 0, 8, 8],
        [4, 0, 8, 8],
        [0, 4, 4, 8],
        [2, 0, 4, 4],
        [0, 2, 2, 4],
        [1, 0, 2, 2],
        [0, 1, 1, 2],
      ]
    : [[0, 0, 1, 1]];
  const out: number[] = [];
  const step = Math.max(1, (depth * channels) >> 3);
  for (const [x0, y0, dx, dy] of passes as [number, number, number, number][]) {
    let previous: number[] | undefined;
    for (let y = y0; y < height; y += dy) {
      if (x0 >= width) break;
      let bits = "";
      for (let x = x0; x < width; x += dx) {
        for (let c = 0; c < channels; c++) bits += sample(x, y, c).toString(2).padStart(depth, "0");
      }
      bits = bits.padEnd(Math.ceil(bits.length / 8) * 8, "0");
      const row = (bits.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2));
      const above = previous ?? row.map(() => 0);
      const filter = (y + dx) % 5;
      out.push(filter);
      row.forEach((value, i) => {
        const [a, b, c] = [i >= step ? row[i - step]! : 0, above[i]!, i >= step ? above[i - step]! : 0];
        const p = a + b - c;
        const distances = [a, b, c].map((candidate) => Math.abs(p - candidate));
        const nearest = [a, b, c][distances.indexOf(Math.min(...distances))]!;
        out.push((value - [0, a, b, (a + b) >> 1, nearest][filter]!) & 255);
      });
      previous = row;
    }
  }
  return Uint8Array.from(out);
}

describe("round trip", () => {
  test.each([
    [1, 1, false],
    [7, 5, false],
    [7, 5, true],
    [64, 33, true],
  ])("%i x %i, alpha %s", async (width, height, alpha) => {
    const pixels = noise(width, height, alpha);
    const file = await encodePng(pixels);
    expect(file[25]).toBe(alpha ? 6 : 2);
    expect(await decodePng(file)).toEqual(pixels);
  });

  test("the same input gives the same bytes", async () => {
    const texts = [{ keyword: "parameters", text: "a ☂\nSteps: 4" }];
    const [one, two] = [
      await encodePng(noise(40, 30, true), { texts }),
      await encodePng(noise(40, 30, true), { texts }),
    ];
    expect(one).toEqual(two);
  });
});

const FORMS = [
  [0, 1, [1, 2, 4, 8, 16]],
  [2, 3, [8, 16]],
  [3, 1, [1, 2, 4, 8]],
  [4, 2, [8, 16]],
  [6, 4, [8, 16]],
] as const;

describe.each(FORMS)("colour type %i", (type, channels, depths) => {
  test.each(depths.flatMap((depth) => [0, 1].map((interlace) => [depth, interlace] as const)))(
    "depth %i, interlace %i",
    async (depth, interlace) => {
      for (const [width, height] of [
        [1, 1],
        [3, 2],
        [13, 11],
      ] as const) {
        const max = 2 ** depth - 1;
        const sample = (x: number, y: number, c: number) => (x * 5003 + y * 9973 + c * 31337) % (max + 1);
        const palette = Uint8Array.from({ length: 3 * 2 ** Math.min(depth, 8) }, (_, i) => (i * 37) % 256);
        const raw = write({ width, height, depth, type, channels, interlace }, sample);
        const plte = type === 3 ? [writeChunk("PLTE", palette)] : [];
        const pixels = await decodePng(png(ihdr(width, height, depth, type, interlace), ...plte, idat(raw), iend));
        const expected = emptyPixels(width, height);
        for (let i = 0; i < width * height; i++) {
          const at = (c: number) => sample(i % width, Math.floor(i / width), c);
          const scaled = (c: number) => Math.round((at(c) * 255) / max);
          const rgba = {
            0: () => [scaled(0), scaled(0), scaled(0), 255],
            2: () => [scaled(0), scaled(1), scaled(2), 255],
            3: () => [...palette.subarray(at(0) * 3, at(0) * 3 + 3), 255],
            4: () => [scaled(0), scaled(0), scaled(0), scaled(1)],
            6: () => [scaled(0), scaled(1), scaled(2), scaled(3)],
          }[type]();
          expected.data.set(rgba, i * 4);
        }
        expect(pixels).toEqual(expected);
      }
    },
  );
});

describe("transparency", () => {
  const alphas = async (...chunks: readonly Uint8Array[]) =>
    [...(await decodePng(png(...chunks, iend))).data].filter((_, i) => i % 4 === 3);

  test("one grey value, compared at full depth", async () => {
    const raw = Uint8Array.of(0, 0x12, 0x34, 0x12, 0x35);
    expect(await alphas(ihdr(2, 1, 16, 0), writeChunk("tRNS", Uint8Array.of(0x12, 0x34)), idat(raw))).toEqual([0, 255]);
  });
  test("one colour", async () => {
    const raw = Uint8Array.of(0, 1, 2, 3, 1, 2, 4);
    const trns = writeChunk("tRNS", Uint8Array.of(0, 1, 0, 2, 0, 3));
    expect(await alphas(ihdr(2, 1, 8, 2), trns, idat(raw))).toEqual([0, 255]);
  });
  test("palette entries, the rest opaque", async () => {
    const plte = writeChunk("PLTE", new Uint8Array(9));
    const trns = writeChunk("tRNS", Uint8Array.of(7, 100));
    expect(await alphas(ihdr(3, 1, 8, 3), plte, trns, idat(Uint8Array.of(0, 0, 1, 2)))).toEqual([7, 100, 255]);
  });
});

describe("hostile files", () => {
  const grey = (raw: Uint8Array, ...head: readonly Uint8Array[]) => png(...head, idat(raw), iend);
  const sound = () => grey(Uint8Array.of(0, 9), ihdr(1, 1, 8, 0));
  const changed = (at: number, value: number) => {
    const file = sound();
    file[at] = value;
    return file;
  };
  const cases: Readonly<Record<string, readonly [string, () => Uint8Array]>> = {
    "no pixels": ["png-no-pixels", () => png(ihdr(1, 1, 8, 0), iend)],
    "no end": ["png-truncated", () => sound().subarray(0, -12)],
    "cut in a chunk": ["png-truncated", () => sound().subarray(0, 45)],
    "only the signature": ["png-header", () => png()],
    "chunk of 4 GB": ["png-truncated", () => changed(33, 0xff)],
    "chunk name of odd bytes": ["png-chunk-type", () => changed(37, 0)],
    "broken checksum": ["png-crc", () => changed(43, 0)],
    "width 0": ["png-size", () => grey(Uint8Array.of(0), ihdr(0, 1, 8, 0))],
    "height over 2^31": ["png-size", () => grey(Uint8Array.of(0), ihdr(1, 2 ** 31, 8, 0))],
    "terabytes promised": [
      "image-too-many-pixels",
      () => grey(Uint8Array.of(0), ihdr(2 ** 31 - 1, 2 ** 31 - 1, 16, 6)),
    ],
    "header twice": ["png-header", () => grey(Uint8Array.of(0, 9), ihdr(1, 1, 8, 0), ihdr(1, 1, 8, 0))],
    "depth 3": ["png-header", () => grey(Uint8Array.of(0, 9), ihdr(1, 1, 3, 0))],
    "colour type 5": ["png-header", () => grey(Uint8Array.of(0, 9), ihdr(1, 1, 8, 5))],
    "interlace 2": ["png-header", () => grey(Uint8Array.of(0, 9), ihdr(1, 1, 8, 0, 2))],
    "too few rows": ["png-truncated", () => grey(Uint8Array.of(0, 9), ihdr(1, 2, 8, 0))],
    "256 MB promised by 100 bytes": ["png-truncated", () => grey(Uint8Array.of(0, 9), ihdr(8192, 8192, 8, 0))],
    "a bomb behind the rows": ["png-surplus", () => grey(new Uint8Array(50_000_000), ihdr(1, 1, 8, 0))],
    "filter 5": ["png-filter", () => grey(Uint8Array.of(5, 9), ihdr(1, 1, 8, 0))],
    "not deflate": ["deflate-broken", () => png(ihdr(1, 1, 8, 0), writeChunk("IDAT", Uint8Array.of(1, 2, 3)), iend)],
    "no palette": ["png-palette", () => grey(Uint8Array.of(0, 0), ihdr(1, 1, 8, 3))],
    "palette of 4 bytes": [
      "png-palette",
      () => grey(Uint8Array.of(0, 0), ihdr(1, 1, 8, 3), writeChunk("PLTE", new Uint8Array(4))),
    ],
    "index behind the palette": [
      "png-palette",
      () => grey(Uint8Array.of(0, 1), ihdr(1, 1, 8, 3), writeChunk("PLTE", new Uint8Array(3))),
    ],
    "tRNS with alpha": [
      "png-transparency",
      () => grey(Uint8Array.of(0, 1, 1), ihdr(1, 1, 8, 4), writeChunk("tRNS", new Uint8Array(4))),
    ],
    "unknown critical chunk": [
      "png-chunk-unknown",
      () => grey(Uint8Array.of(0, 1), ihdr(1, 1, 8, 0), writeChunk("ABCD", new Uint8Array(0))),
    ],
    "split pixel chunks": [
      "png-order",
      () =>
        png(
          ihdr(1, 1, 8, 0),
          idat(Uint8Array.of(0)),
          writeChunk("tEXt", new Uint8Array(0)),
          idat(Uint8Array.of(1)),
          iend,
        ),
    ],
    "70,000 empty chunks": [
      "png-chunk-count",
      () => {
        const empty = writeChunk("teXt", new Uint8Array(0));
        const file = new Uint8Array(33 + 70_000 * 12);
        file.set(png(ihdr(1, 1, 8, 0)));
        for (let i = 0; i < 70_000; i++) file.set(empty, 33 + i * 12);
        return file;
      },
    ],
    animated: [
      "image-animated",
      () => grey(Uint8Array.of(0, 1), ihdr(1, 1, 8, 0), writeChunk("acTL", new Uint8Array(8))),
    ],
    "a JPEG named png": ["image-format", () => Uint8Array.of(0xff, 0xd8, 0xff, 0xe0)],
  };
  test.each(Object.entries(cases))("%s", async (_, [code, make]) => {
    expect(await codeOf(decodePng(Uint8Array.from(make())))).toBe(code);
  });

  test("a signal ends decoding and encoding", async () => {
    const signal = AbortSignal.abort();
    expect(await codeOf(decodePng(sound(), { signal }))).toBe("interrupted");
    expect(await codeOf(encodePng(emptyPixels(2, 2), { signal }))).toBe("interrupted");
  });

  test("pixels that do not fit their size", async () => {
    expect(await codeOf(encodePng({ width: 2, height: 2, data: new Uint8Array(15) }))).toBe("pixels-shape");
    expect(await codeOf(encodePng({ width: 0, height: 2, data: new Uint8Array(0) }))).toBe("pixels-shape");
  });

  test.each(["", " a", "a  b", "a\n", "ü", "x".repeat(80)])("keyword %j is refused", async (keyword) => {
    expect(await codeOf(encodePng(emptyPixels(1, 1), { texts: [{ keyword, text: "" }] }))).toBe("png-keyword");
  });
  test.each(["a\0b", "\ud800"])("text %j is refused", async (text) => {
    expect(await codeOf(encodePng(emptyPixels(1, 1), { texts: [{ keyword: "a", text }] }))).toBe("png-text");
  });
});
