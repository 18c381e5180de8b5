import { describe, expect, it } from "vitest";
import { resizeLatents } from "./resize-latents.js";

const row = Float32Array.of(0, 1, 4);

describe("resizeLatents", () => {
  it("interpolates at half-pixel centres, edges held", () => {
    const wide = resizeLatents(row, { height: 1, width: 3 }, { height: 1, width: 6 }, "bilinear");
    expect([...wide]).toEqual([0, 0.25, 0.75, 1.75, 3.25, 4]);
    const tall = resizeLatents(row, { height: 3, width: 1 }, { height: 6, width: 1 }, "bilinear");
    expect([...tall]).toEqual([...wide]);
  });

  it("repeats the nearest", () => {
    const wide = resizeLatents(row, { height: 1, width: 3 }, { height: 2, width: 5 }, "nearest");
    expect([...wide]).toEqual([0, 0, 1, 1, 4, 0, 0, 1, 1, 4]);
  });

  it("takes every channel by itself, and shrinks", () => {
    const two = Float32Array.of(1, 2, 3, 4, 10, 20, 30, 40);
    const small = resizeLatents(two, { height: 2, width: 2 }, { height: 1, width: 1 }, "bilinear");
    expect([...small]).toEqual([2.5, 25]);
    expect([...resizeLatents(two, { height: 2, width: 2 }, { height: 2, width: 2 }, "bilinear")]).toEqual([...two]);
  });
});
