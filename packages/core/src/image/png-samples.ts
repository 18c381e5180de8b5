// Samples of a PNG row to RGBA bytes: grey, RGB, palette, alpha, 1 to 16 bits, and tRNS (specification 11.2.2, 11.3.1, 13.12).

import type { Pixels } from "./pixels.js";
import { type PngChunk, pngError } from "./png-chunks.js";
import type { PngColour, PngHeader } from "./png-header.js";
import type { PassRow } from "./png-passes.js";

export type PngColours = {
  readonly header: PngHeader;
  /** RGBA of each palette index; empty without a palette. */
  readonly palette: Uint8Array;
  /** The samples of the one colour that is transparent, at full depth; undefined if there is none. */
  readonly clear: readonly number[] | undefined;
};

/** For each colour type: which sample gives red, green, blue and alpha; -1 means opaque. */
const LAYOUT: { readonly [colour in Exclude<PngColour, "palette">]: readonly [number, number, number, number] } = {
  grey: [0, 0, 0, -1],
  "grey-alpha": [0, 0, 0, 1],
  rgb: [0, 1, 2, -1],
  rgba: [0, 1, 2, 3],
};

/** Reads PLTE and tRNS, which stand before the pixels. Errors: `png-palette`, `png-transparency`. */
export function readColours(header: PngHeader, chunks: readonly PngChunk[]): PngColours {
  const pixels = chunks.findIndex(({ type }) => type === "IDAT");
  const before = chunks.slice(0, pixels);
  const plte = before.find(({ type }) => type === "PLTE")?.data;
  const trns = before.find(({ type }) => type === "tRNS")?.data;
  if (header.colour === "palette") {
    return { header, palette: readPalette(header, plte, trns), clear: undefined };
  }
  const palette = new Uint8Array(0);
  if (trns === undefined) return { header, palette, clear: undefined };
  if (header.channels % 2 === 0 || trns.length !== header.channels * 2) {
    throw pngError("png-transparency", "the tRNS chunk does not fit the colour type", `${trns.length} bytes`);
  }
  const clear = Array.from(
    { length: header.channels },
    (_, i) => (trns[i * 2]! * 256 + trns[i * 2 + 1]!) & (2 ** header.depth - 1),
  );
  return { header, palette, clear };
}

function readPalette(header: PngHeader, plte: Uint8Array | undefined, trns: Uint8Array | undefined): Uint8Array {
  const entries = (plte?.length ?? 0) / 3;
  if (plte === undefined || entries === 0 || !Number.isInteger(entries) || entries > 2 ** header.depth) {
    throw pngError("png-palette", "the palette is missing or of a wrong length", `${plte?.length ?? 0} bytes`);
  }
  if (trns !== undefined && trns.length > entries) {
    throw pngError("png-transparency", "the tRNS chunk is longer than the palette", `${trns.length} of ${entries}`);
  }
  const palette = new Uint8Array(entries * 4);
  for (let i = 0; i < entries; i++) {
    palette.set(plte.subarray(i * 3, i * 3 + 3), i * 4);
    palette[i * 4 + 3] = trns?.[i] ?? 255;
  }
  return palette;
}

/** Writes one row of a pass into the picture. Errors: `png-palette` for an index behind the palette's end. */
export function writeRow({ header, palette, clear }: PngColours, row: Uint8Array, pixels: Pixels, to: PassRow): void {
  const { depth, channels, colour } = header;
  const max = 2 ** depth - 1;
  const scaled = (sample: number) => (depth === 8 ? sample : Math.round((sample * 255) / max));
  for (let i = 0; i < to.count; i++) {
    const out = (to.y * pixels.width + to.x + i * to.dx) * 4;
    if (colour === "palette") {
      const at = sampleAt(row, i, depth) * 4;
      if (at >= palette.length) throw pngError("png-palette", "a pixel names no palette colour", String(at / 4));
      for (let c = 0; c < 4; c++) pixels.data[out + c] = palette[at + c]!;
      continue;
    }
    const layout = LAYOUT[colour];
    let matches = clear !== undefined;
    for (let c = 0; c < channels && matches; c++) matches = sampleAt(row, i * channels + c, depth) === clear?.[c];
    for (let c = 0; c < 4; c++) {
      const source = layout[c]!;
      const opaque = matches ? 0 : 255;
      pixels.data[out + c] = source < 0 ? opaque : scaled(sampleAt(row, i * channels + source, depth));
    }
  }
}

/** Sample `index` of a row, samples packed from the high bits of each byte. */
function sampleAt(row: Uint8Array, index: number, depth: number): number {
  if (depth === 8) return row[index]!;
  if (depth === 16) return row[index * 2]! * 256 + row[index * 2 + 1]!;
  const bit = index * depth;
  return (row[bit >> 3]! >> (8 - depth - (bit & 7))) & (2 ** depth - 1);
}
