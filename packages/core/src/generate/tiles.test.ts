import { describe, expect, it } from "vitest";
import { addTile, cutTile, tileLayout } from "./tiles.js";

const data = (channels: number, height: number, width: number) =>
  Float32Array.from({ length: channels * height * width }, (_, i) => Math.sin(i));

describe("tileLayout", () => {
  it.each([
    [40, 24, 16, undefined],
    [65, 97, 64, undefined],
    [65, 97, 64, "xy"],
    [17, 33, 16, "x"],
    [129, 50, 64, "y"],
    [8, 8, 16, "xy"],
    [9, 9, 0, "xy"],
  ] as const)("cuts %i x %i into tiles of %i that add up to the picture (%s)", (height, width, side, seamless) => {
    const size = { height, width };
    const layout = tileLayout(size, side, seamless);
    const picture = data(2, height * 2, width * 2);
    const sum = new Float32Array(picture.length);
    const whole = { height: height * 2, width: width * 2 };
    for (const tile of layout.tiles)
      addTile(sum, whole, cutTile(picture, whole, tile, layout.tile, 2), tile, layout.tile, 2);
    expect(Math.max(...sum.map((value, i) => Math.abs(value - picture[i]!)))).toBeLessThan(1e-6);
  });

  it("is one tile where the picture fits, which the network itself wraps around", () => {
    const layout = tileLayout({ height: 8, width: 12 }, 16, "x");
    expect(layout.tiles).toHaveLength(1);
    expect(layout.tile).toEqual({ height: 8, width: 12 });
    expect(layout.wraps).toBe("x");
  });

  it("goes on at the other edge where tiles do not cover a seamless side", () => {
    const layout = tileLayout({ height: 8, width: 40 }, 16, "xy");
    expect(layout.wraps).toBe("y");
    const { left } = layout.tiles.at(-1)!;
    expect(left + layout.tile.width).toBeGreaterThan(40);
  });

  it("keeps a quarter of a tile in common with the next", () => {
    const { tiles } = tileLayout({ height: 64, width: 200 }, 64, undefined);
    for (let i = 1; i < tiles.length; i++) expect(tiles[i - 1]!.left + 64 - tiles[i]!.left).toBeGreaterThanOrEqual(16);
  });
});
