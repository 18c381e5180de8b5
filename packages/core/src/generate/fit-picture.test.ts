import { describe, expect, it } from "vitest";
import type { Mask } from "../image/mask.js";
import { emptyPixels, type Pixels, pixelsToPlanes } from "../image/pixels.js";
import { resize } from "../image/resize.js";
import { fitMask, fitPicture } from "./fit-picture.js";

/** Left half black, right half white. */
const halves = (width: number, height: number): Pixels => {
  const pixels = emptyPixels(width, height);
  return { ...pixels, data: pixels.data.map((_, i) => (i % 4 === 3 || (i >> 2) % width >= width / 2 ? 255 : 0)) };
};
const maskOf = (width: number, height: number, value: (x: number, y: number) => number): Mask => ({
  width,
  height,
  data: Float32Array.from({ length: width * height }, (_, i) => value(i % width, Math.floor(i / width))),
});
const plan = { paint: "white", blur: 0, paste: false } as const;

describe("fitPicture", () => {
  it("stretches as Pillow's Lanczos does", () => {
    const picture = halves(20, 10);
    const fitted = fitPicture(picture, { width: 16, height: 16 }, "stretch");
    expect(fitted.data).toEqual(pixelsToPlanes(resize(picture, 16, 16, "lanczos")).data);
  });

  it("covers, and cuts off as much on both sides", () => {
    const { data } = fitPicture(halves(48, 16), { width: 16, height: 16 }, "cover");
    expect(data).toEqual(pixelsToPlanes(halves(16, 16)).data);
  });

  it("does not cover with a strip that would have to grow beyond reason", () => {
    expect(() => fitPicture(halves(2, 4000), { width: 1024, height: 1024 }, "cover")).toThrow(
      expect.objectContaining({ code: "image-too-many-pixels" }),
    );
  });

  it("refuses another size where it is to be exact, and always of planes", () => {
    const size = { width: 16, height: 16 };
    const refused = expect.objectContaining({ code: "picture-size" });
    expect(() => fitPicture(halves(20, 16), size, "exact")).toThrow(refused);
    const planes = { width: 8, height: 8, channels: 3, data: new Float32Array(192) };
    expect(() => fitPicture(planes, size, "stretch")).toThrow(refused);
    expect(fitPicture(planes, { width: 8, height: 8 }, "exact")).toBe(planes);
    expect(() => fitPicture({ ...planes, channels: 1 }, { width: 8, height: 8 }, "exact")).toThrow(refused);
    const broken = { ...planes, data: planes.data.map(() => Number.NaN) };
    expect(() => fitPicture(broken, { width: 8, height: 8 }, "exact")).toThrow(refused);
  });
});

describe("fitMask", () => {
  const size = { width: 16, height: 16 };

  it("follows its picture", () => {
    const mask = maskOf(48, 16, (x) => (x >= 24 ? 1 : 0));
    const fitted = fitMask(mask, { width: 48, height: 16 }, size, "cover", plan);
    expect(fitted.data).toEqual(maskOf(16, 16, (x) => (x >= 8 ? 1 : 0)).data);
  });

  it("paints the side that is asked for, softened", () => {
    const mask = maskOf(16, 16, (x) => (x >= 8 ? 1 : 0));
    const black = fitMask(mask, size, size, "stretch", { ...plan, paint: "black" });
    expect(black.data).toEqual(mask.data.map((value) => 1 - value));
    const soft = fitMask(mask, size, size, "stretch", { ...plan, blur: 2 });
    expect(soft.data[7]! + soft.data[8]!).toBeCloseTo(1, 6);
    expect(soft.data[8]!).toBeGreaterThan(0.5);
    expect([soft.data[0], soft.data[15]]).toEqual([0, expect.closeTo(1, 6)]);
  });

  it("refuses a mask of another size than its picture", () => {
    const refused = expect.objectContaining({ code: "mask-size" });
    expect(() =>
      fitMask(
        maskOf(8, 16, () => 1),
        size,
        size,
        "stretch",
        plan,
      ),
    ).toThrow(refused);
    const short = { width: 16, height: 16, data: new Float32Array(9) };
    expect(() => fitMask(short, size, size, "stretch", plan)).toThrow(refused);
  });
});
