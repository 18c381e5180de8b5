import { describe, expect, test } from "vitest";
import { decodePicture, encodePicture, type ImageCodec } from "./codec.js";
import { drawLines, measureLines, wrapText } from "./draw-text.js";
import { GLYPH_HEIGHT, GLYPH_WIDTH, isDot } from "./font.js";
import { LATENT_FORMATS } from "./latent-format.js";
import { binarize, blend, maskForLatents, maskFromAlpha, maskFromGrey } from "./mask.js";
import { emptyPixels, flatten, type Pixels, pixelsToPlanes, planesToPixels, roundHalfEven } from "./pixels.js";
import { previewLatents } from "./preview.js";
import { crop, type ResizeFilter, resize } from "./resize.js";
import { composeSheet } from "./sheet.js";

const hex = ({ data }: Pixels) => Buffer.from(data).toString("hex");
const filled = (width: number, height: number, ...rgba: readonly [number, number, number, number]): Pixels => ({
  width,
  height,
  data: Uint8Array.from({ length: width * height * 4 }, (_, i) => rgba[i % 4]!),
});
const at = ({ width, data }: Pixels, x: number, y: number) => [
  ...data.subarray((y * width + x) * 4, (y * width + x) * 4 + 4),
];
const fails = (code: string) => expect.objectContaining({ code });

describe("floats and bytes", () => {
  test("halves go to the even byte, values outside are clamped, NaN is black", () => {
    expect([0.5, 1.5, 2.5, 254.5, 0.49, 0.51].map(roundHalfEven)).toEqual([0, 2, 2, 254, 0, 1]);
    const data = Float32Array.of(-1, 1, 7, -7, 0, Number.NaN, 0.5 / 255, 1.5 / 255, 1, 0, 0, 0);
    const { data: unit } = planesToPixels({ width: 4, height: 1, channels: 3, data }, "unit");
    expect([...unit]).toEqual([0, 0, 255, 255, 255, 0, 0, 255, 255, 0, 0, 255, 0, 2, 0, 255]);
    expect([...planesToPixels({ width: 4, height: 1, channels: 3, data }).data.subarray(0, 3)]).toEqual([0, 128, 255]);
  });

  test.each(["signed", "unit"] as const)("every byte survives the way to floats and back (%s)", (range) => {
    const pixels = {
      width: 256,
      height: 1,
      data: Uint8Array.from({ length: 1024 }, (_, i) => (i % 4 === 3 ? 255 : i >> 2)),
    };
    expect(planesToPixels(pixelsToPlanes(pixels, range), range)).toEqual(pixels);
  });

  test("shapes that do not fit", () => {
    expect(() => planesToPixels({ width: 2, height: 2, channels: 4, data: new Float32Array(16) })).toThrowError(
      fails("pixels-shape"),
    );
    expect(() => pixelsToPlanes({ width: 2, height: 2, data: new Uint8Array(3) })).toThrowError(fails("pixels-shape"));
  });

  test("flatten lays on a colour", () => {
    expect([...flatten(filled(1, 1, 200, 0, 100, 51), [0, 100, 255]).data]).toEqual([40, 80, 224, 255]);
  });
});

describe("resize", () => {
  // Made by Pillow 13 from the same RGBA bytes: Image.resize with BOX, BILINEAR, BICUBIC, LANCZOS.
  const source: Pixels = {
    width: 6,
    height: 5,
    data: Uint8Array.from(
      { length: 120 },
      (_, i) => ((Math.floor(i / 4) % 6) * 53 + Math.floor(i / 24) * 97 + (i % 4) * 71) % 256,
    ),
  };
  const PILLOW: readonly (readonly [ResizeFilter, number, number, string])[] = [
    ["area", 4, 3, "39808061af3f86706b5d6b801e65ab8fe0286eb20000ff0184cc6751ca1159a060627d84cc695b938e498fa389d11e32"],
    [
      "area",
      7,
      8,
      "00468ed5337fcc0a69b2f63f9ee62b749ee62b74d41b62a9095096de00468ed5337fcc0a69b2f63f9ee62b749ee62b74d41b62a9095096de63aaf03696dd236bca1159a000468ed500468ed5337fcc0a69b2f63fc2084f97f73e84cc0000ff0163aaf03663aaf03696dd236bca1159a0c2084f97f73e84cc0000ff0163aaf03663aaf03696dd236bca1159a02269b0f85a9ee82d8cd21a62c2084f97c2084f97f73e84cc0000ff0183cb1159b800478eee357cc32269b0f82269b0f85a9ee82d8cd21a6283cb1159b800478eee357cc32269b0f82269b0f85a9ee82d8cd21a62",
    ],
    [
      "bilinear",
      4,
      3,
      "256c8b6e9170755d6f6969854c4f9486a1477d96bb5c6c5e7f697868bc5364685d6a7888b44d6a8d7d4f90a9b38c624e",
    ],
    [
      "bilinear",
      7,
      8,
      "00468ed50951993562adf32c8ad4745ab78b4487a0296fb4095096de10579e8f589f6348a3647c566c707784666d66899b337a6e1a62a7987290d83c9bc34366bd484c89573079b1054c8e8867a0b31b769be145b51f6579dc526fa3d9436b5f5b4b934e438a8a5e9fa23f58ba2971827e3279b5cf4189a0cc6b6e4c9572763aad6f7467c67c5383c9125a6e2966acf25076be5f87be474fab573e77d62366a4f342819eb9175c0b41887e9f883f6f70c54f61868a537cb4744c93adcd618c6688d11b3883cb1159b11d4083df256cb07c5299de286eb6af6db19a388cd21a62",
    ],
    [
      "bicubic",
      4,
      3,
      "216d8a6b9a6f75596b6b67874a4c9886a646819bc55e645976677965cc505f65576a7789be4b668b7e4e93b2c0965749",
    ],
    [
      "bicubic",
      7,
      8,
      "00458ce8002da3274eebff1a88ff7352d19c2f86a81e6fc3025095eb0558a2953ac45039b85f7f50667176906c715d90ab1e7b6b0d66ad9c78a0fa3393e23864d53f428d53277bc7004b9492ffffff057da8ef41d909516de7516fbcf63067593838be3b23ab9a5697ce204fc9206b8e822872bfde3a8eb3df817439a3ad8419c47f7460c2854893d100557a2666b0ff4479d6527ffb2a42aa5b2975df1765b0f94384adff00aa033b917e9f7f346b66dc4e5b8686557cc7684799bce15d965f84f50e3499f1004bb20f3385f9176ab878559ff60877c3b857ffaf208cd4176b",
    ],
    [
      "lanczos",
      4,
      3,
      "236f83659970785d656a6a88484b9783a84b859fc25c625871647663da53606253667a89be4a6686835092b8c38f5749",
    ],
    [
      "lanczos",
      7,
      8,
      "01438af2051f963148ffff0777ff7a4df9a31980a01d71ce024e92f3005ca89700e24c35de5d7a475d7078a3766e5592ae138569006eb299909bff2e8de53f65ec40338b511f80d20052978f080a040081a3eb43ff003758eb526ac7ff2a5a653d08e43a00ceb35499f70041d3216b91792675cedc3495bae6c8792a07090000ed7f6b66c27d49a4cc00577d2768b3ff466bdd5a93ff0a329e5e196fe71168bcf74884aaff00aa03349b859f61396e61f5495180805879da64409ec6f65d985771ff052fb9ff0042ad143387ff0568b7785ba7ff007ed2b179ff79178dc71b77",
    ],
  ];
  test.each(PILLOW)("%s to %i x %i equals Pillow", (filter, width, height, expected) => {
    expect(hex(resize(source, width, height, filter))).toBe(expected);
  });

  test("the same size is a copy", () => {
    const copy = resize(source, 6, 5);
    expect(copy).toEqual(source);
    expect(copy.data).not.toBe(source.data);
  });

  test("crop", () => {
    expect(at(crop(source, 2, 1, 3, 4), 1, 2)).toEqual(at(source, 3, 3));
    expect(() => crop(source, 4, 0, 3, 1)).toThrowError(fails("resize-size"));
    expect(() => resize(source, 0, 1)).toThrowError(fails("resize-size"));
    expect(() => resize(source, 100_000, 100_000)).toThrowError(fails("image-too-many-pixels"));
  });
});

describe("masks", () => {
  const picture: Pixels = { width: 2, height: 1, data: Uint8Array.of(255, 255, 255, 0, 10, 200, 30, 255) };
  test("grey, alpha, threshold", () => {
    // (10 * 19595 + 200 * 38470 + 30 * 7471 + 32768) >> 16 = 124
    expect([...maskFromGrey(picture).data]).toEqual([1, Math.fround(124 / 255)]);
    expect([...maskFromAlpha(picture).data]).toEqual([1, 0]);
    expect([...binarize({ width: 3, height: 1, data: Float32Array.of(0.49, 0.5, 1) }).data]).toEqual([0, 1, 1]);
  });
  test("for latents: the top left of each square", () => {
    const data = Float32Array.from({ length: 16 * 8 }, (_, i) => i);
    expect([...maskForLatents({ width: 16, height: 8, data }).data]).toEqual([0, 8]);
    expect(() => maskForLatents({ width: 12, height: 8, data })).toThrowError(fails("mask-size"));
  });
  test("blend", () => {
    const mask = { width: 2, height: 1, data: Float32Array.of(1, 0.5) };
    const mixed = blend(filled(2, 1, 0, 0, 0, 255), filled(2, 1, 200, 100, 50, 255), mask);
    expect([...mixed.data]).toEqual([200, 100, 50, 255, 100, 50, 25, 255]);
    expect(() => blend(filled(1, 1, 0, 0, 0, 0), filled(2, 1, 0, 0, 0, 0), mask)).toThrowError(fails("mask-size"));
  });
});

describe("preview", () => {
  test("one latent channel at a time gives its row of the matrix", () => {
    for (const format of Object.values(LATENT_FORMATS)) {
      format.preview.matrix.forEach((row, channel) => {
        const latents = new Float32Array(4);
        latents[channel] = 1;
        const expected = row.map((share, i) => Math.round(((share + format.preview.bias[i]! + 1) / 2) * 255));
        expect(at(previewLatents(latents, 1, 1, format), 0, 0)).toEqual([...expected, 255]);
      });
    }
  });
  test("wrong sizes", () => {
    expect(() => previewLatents(new Float32Array(4), 2, 1, LATENT_FORMATS.sd1)).toThrowError(fails("preview-shape"));
  });
});

describe("text and sheets", () => {
  const art = (character: string) =>
    Array.from({ length: GLYPH_HEIGHT }, (_, y) =>
      Array.from({ length: GLYPH_WIDTH }, (_, x) => (isDot(character, x, y) ? "#" : ".")).join(""),
    );

  test("every printable character has a drawing of its own", () => {
    const all = Array.from({ length: 95 }, (_, i) => art(String.fromCharCode(32 + i)).join("\n"));
    expect(new Set(all).size).toBe(95);
    expect(art("T").slice(0, 3)).toEqual(["#####", "..#..", "..#.."]);
    expect(art("g")[8]).toBe(".###.");
  });
  test("accents are left off, the rest is a box", () => {
    expect(art("é")).toEqual(art("e"));
    expect(art("☂")).toEqual(art("\n"));
    expect(art("☂")[0]).toBe("#####");
  });

  test.each([
    ["a bb ccc dddd", 8, 9, ["a bb ccc", "dddd"]],
    ["abcdefghij", 4, 9, ["abcd", "efgh", "ij"]],
    ["one\ntwo", 8, 9, ["one", "two"]],
    ["", 8, 9, [""]],
    ["aaaa bbbb cccc dddd", 8, 2, ["aaaa", "bbbb..."]],
    ["x".repeat(100_000), 8, 2, ["xxxxxxxx", "xxxxx..."]],
  ] as const)("wrap %#", (text, columns, lines, expected) => {
    expect(wrapText(text, columns * 6, 1, lines)).toEqual(expected);
  });

  test("lines are clipped at the edge", () => {
    const pixels = emptyPixels(4, 4);
    drawLines(pixels, ["##"], { x: -3, y: -3, scale: 3, colour: [1, 2, 3] });
    expect(at(pixels, 0, 0)).toEqual([1, 2, 3, 255].map((v, i) => (isDot("#", 1, 1) ? v : [0, 0, 0, 0][i])));
    expect(measureLines(["ab", "abc"], 2)).toEqual({ width: 36, height: 40 });
  });

  test("a sheet has its pictures in place and its labels outside them", () => {
    const [red, green, blue] = [filled(8, 8, 255, 0, 0, 255), filled(4, 4, 0, 255, 0, 255), filled(8, 8, 0, 0, 255, 0)];
    const sheet = composeSheet(
      {
        rows: [
          [red, green],
          [undefined, blue],
        ],
        rowLabels: ["r"],
        columnLabels: ["c", ""],
        title: "t",
      },
      { gap: 2, scale: 1 },
    );
    // Left: gap 2, label 6, gap 2. Top: gap 2, title 10, gap 2, label 10, gap 2. The first row is as tall as its label.
    expect([sheet.width, sheet.height]).toEqual([10 + 2 * 10, 26 + 10 + 2 + 8 + 2]);
    expect(at(sheet, 10, 26)).toEqual([255, 0, 0, 255]);
    expect(at(sheet, 17, 33)).toEqual([255, 0, 0, 255]);
    expect(at(sheet, 20, 26)).toEqual([255, 255, 255, 255]);
    expect(at(sheet, 22, 28)).toEqual([0, 255, 0, 255]);
    // A transparent picture shows the background; an empty place too.
    expect([at(sheet, 21, 37), at(sheet, 11, 37)]).toEqual([
      [255, 255, 255, 255],
      [255, 255, 255, 255],
    ]);
    const ink = (x0: number, y0: number) => {
      const dots: string[] = [];
      for (let y = 0; y < GLYPH_HEIGHT; y++) {
        dots.push(
          Array.from({ length: GLYPH_WIDTH }, (_, x) => (at(sheet, x0 + x, y0 + y)[0] === 16 ? "#" : ".")).join(""),
        );
      }
      return dots;
    };
    expect([ink(2, 2), ink(10, 14), ink(2, 26)]).toEqual([art("t"), art("c"), art("r")]);
  });

  test("sheets that cannot be", () => {
    expect(() => composeSheet({ rows: [[undefined]] })).toThrowError(fails("sheet-empty"));
    const big = { width: 8192, height: 8192, data: new Uint8Array(8192 * 8192 * 4) };
    expect(() => composeSheet({ rows: [[big, big]] })).toThrowError(fails("image-too-many-pixels"));
  });
});

describe("codec", () => {
  const jpeg = Uint8Array.of(0xff, 0xd8, 0xff, 0xd9);
  const codec: ImageCodec = {
    decode: async () => filled(2, 1, 1, 2, 3, 255),
    encode: async (_, format, { quality }) => Uint8Array.of(format.length, quality),
  };
  test("PNG needs none, JPEG and WebP ask for it", async () => {
    const pixels = filled(2, 2, 9, 8, 7, 255);
    expect(await decodePicture(await encodePicture(pixels, "png"))).toEqual(pixels);
    await expect(decodePicture(jpeg)).rejects.toThrowError(fails("image-codec-missing"));
    await expect(encodePicture(pixels, "webp")).rejects.toThrowError(fails("image-codec-missing"));
    expect((await decodePicture(jpeg, { codec })).width).toBe(2);
    const huge = Uint8Array.from([0xff, 0xd8, 0xff, 0xc0, 0, 11, 8, 0xff, 0xff, 0xff, 0xff, 1, 1, 0x11, 0, 0xff, 0xda]);
    await expect(decodePicture(huge, { codec })).rejects.toThrowError(fails("image-too-many-pixels"));
    await expect(decodePicture(jpeg, { codec, maxPixels: 1 })).rejects.toThrowError(fails("image-too-many-pixels"));
    expect([...(await encodePicture(pixels, "jpeg", { codec, quality: 50 }))]).toEqual([4, 50]);
    await expect(encodePicture(pixels, "jpeg", { codec, quality: 0 })).rejects.toThrowError(fails("image-quality"));
  });
});
