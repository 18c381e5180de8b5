// Pixels to a PNG file: 8-bit RGB, or RGBA where a pixel is not opaque, with text chunks before the pixels.
// The same pixels and texts always give the same bytes on the same platform: no time stamp, filters chosen by a fixed rule.

import { deflate } from "./deflate.js";
import { checkPixels, type Pixels } from "./pixels.js";
import { PNG_SIGNATURE, writeChunk } from "./png-chunks.js";
import { FILTER_COUNT, filterRow } from "./png-filter.js";
import { type PngText, writePngText } from "./png-text-write.js";

/**
 * Encodes pixels. `texts`: written in this order, as tEXt where the text is ASCII and as iTXt (UTF-8) otherwise.
 * Errors: `pixels-shape`, `png-keyword`, `png-text`, `interrupted`.
 */
export async function encodePng(
  pixels: Pixels,
  { texts = [], signal }: { readonly texts?: readonly PngText[]; readonly signal?: AbortSignal } = {},
): Promise<Uint8Array<ArrayBuffer>> {
  checkPixels(pixels);
  const channels = isOpaque(pixels) ? 3 : 4;
  const header = new Uint8Array(13);
  const view = new DataView(header.buffer);
  view.setUint32(0, pixels.width);
  view.setUint32(4, pixels.height);
  header.set([8, channels === 3 ? 2 : 6], 8);
  const parts = [
    Uint8Array.from(PNG_SIGNATURE),
    writeChunk("IHDR", header),
    ...texts.map(writePngText),
    writeChunk("IDAT", await deflate(filteredRows(pixels, channels), signal)),
    writeChunk("IEND", new Uint8Array(0)),
  ];
  const file = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    file.set(part, offset);
    offset += part.length;
  }
  return file;
}

function isOpaque({ data }: Pixels): boolean {
  for (let i = 3; i < data.length; i += 4) if (data[i] !== 255) return false;
  return true;
}

/** Every row under the filter with the least sum of absolute differences (PNG specification 12.7), the first of equals. */
function filteredRows({ width, height, data }: Pixels, channels: 3 | 4): Uint8Array<ArrayBuffer> {
  const length = width * channels;
  const rows = new Uint8Array(height * (length + 1));
  let previous = new Uint8Array(length);
  let row = new Uint8Array(length);
  const trial = new Uint8Array(length);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      for (let c = 0; c < channels; c++) row[x * channels + c] = data[(y * width + x) * 4 + c]!;
    }
    const at = y * (length + 1);
    let least = Number.POSITIVE_INFINITY;
    for (let filter = 0; filter < FILTER_COUNT; filter++) {
      const cost = filterRow(filter, row, previous, channels, trial);
      if (cost >= least) continue;
      least = cost;
      rows[at] = filter;
      rows.set(trial, at + 1);
    }
    [previous, row] = [row, previous];
  }
  return rows;
}
