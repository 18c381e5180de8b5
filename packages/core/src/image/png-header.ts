// The IHDR chunk: size, colour type, bit depth, interlace (PNG specification 11.2.1), checked as a whole before anything is allocated.

import { type PngChunk, pngError } from "./png-chunks.js";

/** Channels and permitted depths of each colour type (PNG specification, table 12). */
const COLOUR_TYPES: {
  readonly [type: number]: { readonly name: PngColour; readonly channels: number; readonly depths: readonly number[] };
} = {
  0: { name: "grey", channels: 1, depths: [1, 2, 4, 8, 16] },
  2: { name: "rgb", channels: 3, depths: [8, 16] },
  3: { name: "palette", channels: 1, depths: [1, 2, 4, 8] },
  4: { name: "grey-alpha", channels: 2, depths: [8, 16] },
  6: { name: "rgba", channels: 4, depths: [8, 16] },
};

export type PngColour = "grey" | "rgb" | "palette" | "grey-alpha" | "rgba";

export type PngHeader = {
  readonly width: number;
  readonly height: number;
  readonly colour: PngColour;
  readonly channels: number;
  readonly depth: number;
  readonly interlaced: boolean;
};

/** Reads the header. Errors: `png-header` (missing, twice, damaged, impossible), `png-size` (a side of 0 or over 2^31 - 1). */
export function readPngHeader(chunks: readonly PngChunk[]): PngHeader {
  const first = chunks[0];
  const count = chunks.reduce((sum, { type }) => sum + (type === "IHDR" ? 1 : 0), 0);
  if (first?.type !== "IHDR" || count !== 1 || first.data.length !== 13 || !first.crcMatches) {
    throw pngError(
      "png-header",
      "the PNG header is missing, repeated or damaged",
      `${count} IHDR chunks, first chunk ${first?.type ?? "missing"}`,
      "one sound IHDR chunk of 13 bytes, first in the file",
    );
  }
  const view = new DataView(first.data.buffer, first.data.byteOffset, 13);
  const [width, height] = [view.getUint32(0), view.getUint32(4)];
  if (width === 0 || height === 0 || width > 0x7fffffff || height > 0x7fffffff) {
    throw pngError("png-size", "the PNG size is impossible", `${width} x ${height}`, "sides from 1 to 2147483647");
  }
  const [depth, type, compression, filter, interlace] = first.data.subarray(8);
  const colour = COLOUR_TYPES[type!];
  if (!colour?.depths.includes(depth!) || compression !== 0 || filter !== 0 || interlace! > 1) {
    throw pngError(
      "png-header",
      "the PNG header names a form that does not exist",
      `colour type ${type}, depth ${depth}, compression ${compression}, filter ${filter}, interlace ${interlace}`,
      "a combination the PNG specification allows",
    );
  }
  return { width, height, colour: colour.name, channels: colour.channels, depth: depth!, interlaced: interlace === 1 };
}
