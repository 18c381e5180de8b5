// Scene -> pixels, by resvg (a software rasteriser in Rust, prebuilt, its version pinned exactly: the tests hash pictures).
// Measured: 1.1 ms a picture on one core, where Skia took 2.1 and librsvg (through sharp) 2.6, and its
// binary has 4 MB where theirs have 35 and 19.
// Node only; a browser shows the SVG text of draw/svg.ts itself.
import { FewstepError } from "@fewstep/core";
import { Resvg } from "@resvg/resvg-js";
import { DRAWING_SIZE, drawScene } from "./draw/svg.js";
import type { Scene } from "./scene.js";

const FONTS = { loadSystemFonts: false } as const;

/** Far beyond any use of a drawing with 128 units a side; a larger one only takes memory. */
const MAX_SIZE = 4096;

function rasterise(scene: Scene, size: number) {
  if (!Number.isInteger(size) || size < 1 || size > MAX_SIZE)
    throw new FewstepError({
      code: "bad-picture-size",
      message: "a drawing cannot have this size",
      found: String(size),
      expected: `a whole number of pixels from 1 to ${MAX_SIZE}`,
      hint: `the training size is ${DRAWING_SIZE}`,
    });
  return new Resvg(drawScene(scene), { font: FONTS, fitTo: { mode: "width", value: size } }).render();
}

/** RGB bytes, rows from the top: `size * size * 3` (sRGB). `size` in pixels, 128 by default. Throws FewstepError bad-picture-size. */
export function renderScene(scene: Scene, size: number = DRAWING_SIZE): Uint8Array {
  const rgba = rasterise(scene, size).pixels;
  const rgb = new Uint8Array(size * size * 3);
  for (let from = 0, to = 0; from < rgba.length; from += 4, to += 3) {
    rgb[to] = rgba[from]!;
    rgb[to + 1] = rgba[from + 1]!;
    rgb[to + 2] = rgba[from + 2]!;
  }
  return rgb;
}

/** The same picture as a PNG file. */
export function renderPng(scene: Scene, size: number = DRAWING_SIZE): Uint8Array {
  return rasterise(scene, size).asPng();
}
