// A PNG file to pixels: every colour type, bit depth and interlace of the specification, with tRNS, as 8-bit RGBA.
// Strict, and bounded: rows are unfiltered as they are inflated, so a bomb is refused at its first surplus byte. Colour profiles and
// gamma are not applied; animated files are refused. Own code because the maintained readers inflate without any limit.

import { inflatePieces } from "./deflate.js";
import { checkPictureSize, MAX_PIXELS } from "./picture-size.js";
import { emptyPixels, type Pixels } from "./pixels.js";
import { type PngChunk, pngError, scanPng } from "./png-chunks.js";
import { unfilterRow } from "./png-filter.js";
import { type PngHeader, readPngHeader } from "./png-header.js";
import { passRows } from "./png-passes.js";
import { readColours, writeRow } from "./png-samples.js";
import { requireFormat, requireStill, sniffPicture } from "./sniff.js";

/** A deflate stream grows by at most this factor (258 bytes from two bits), so a short file cannot make us allocate a large picture. */
const MAX_EXPANSION = 1032;

/**
 * Decodes a PNG file. 16-bit samples are rounded to 8. `maxPixels`: refuse larger pictures (default 64 Mi).
 * Errors: `image-*` (not a still PNG), `image-too-many-pixels`, `png-*` (damaged), `deflate-broken`, `interrupted`.
 */
export async function decodePng(
  bytes: Uint8Array<ArrayBuffer>,
  { maxPixels = MAX_PIXELS, signal }: { readonly maxPixels?: number; readonly signal?: AbortSignal } = {},
): Promise<Pixels> {
  const kind = sniffPicture(bytes);
  requireFormat(kind, "png");
  requireStill(kind);
  const { chunks, faults } = scanPng(bytes);
  const header = readPngHeader(chunks);
  checkPictureSize(header, maxPixels);
  for (const fault of faults) throw fault;
  checkChunks(chunks);
  return readPixels(header, chunks, signal);
}

function checkChunks(chunks: readonly PngChunk[]): void {
  const known = new Set(["IHDR", "PLTE", "IDAT", "IEND"]);
  for (const { type, crcMatches } of chunks) {
    // The case of the first letter tells critical chunks (capital) from those that may be left out (specification 5.4).
    const critical = type.charCodeAt(0) < 0x60;
    if (critical && !known.has(type))
      throw pngError("png-chunk-unknown", "an unknown chunk that pixels depend on", type);
    if ((critical || type === "tRNS") && !crcMatches) throw pngError("png-crc", "a chunk fails its checksum", type);
  }
  const first = chunks.findIndex(({ type }) => type === "IDAT");
  const last = chunks.findLastIndex(({ type }) => type === "IDAT");
  if (first < 0) throw pngError("png-no-pixels", "the file has no pixel data", "no IDAT chunk");
  if (chunks.slice(first, last).some(({ type }) => type !== "IDAT")) {
    throw pngError("png-order", "pixel chunks are not together", "another chunk between two IDAT chunks");
  }
}

async function readPixels(
  header: PngHeader,
  chunks: readonly PngChunk[],
  signal: AbortSignal | undefined,
): Promise<Pixels> {
  const colours = readColours(header, chunks);
  const data = chunks.filter(({ type }) => type === "IDAT").map((chunk) => chunk.data);
  const stored = data.reduce((sum, { length }) => sum + length, 0);
  if ((header.width * header.height * header.channels * header.depth) / 8 > stored * MAX_EXPANSION) {
    throw pngError(
      "png-truncated",
      "the pixel data ends early",
      `${stored} bytes for ${header.width} x ${header.height}`,
    );
  }
  const pixels = emptyPixels(header.width, header.height);
  const step = Math.max(1, (header.channels * header.depth) >> 3);
  const rows = passRows(header);
  let current = rows.next();
  let row = new Uint8Array(current.done ? 0 : current.value.bytes + 1);
  let previous = new Uint8Array(row.length);
  let filled = 0;
  for await (const piece of inflatePieces(data, signal)) {
    let offset = 0;
    while (offset < piece.length) {
      if (current.done)
        throw pngError("png-surplus", "the file holds more pixel data than its size needs", "surplus rows");
      const take = Math.min(row.length - filled, piece.length - offset);
      row.set(piece.subarray(offset, offset + take), filled);
      filled += take;
      offset += take;
      if (filled < row.length) break;
      const filter = row[0]!;
      if (filter > 4) throw pngError("png-filter", "an unknown row filter", String(filter), "0 to 4");
      const samples = row.subarray(1);
      unfilterRow(filter, samples, previous.subarray(1), step);
      writeRow(colours, samples, pixels, current.value);
      const pass = current.value.pass;
      current = rows.next();
      if (!current.done && current.value.pass === pass) {
        [previous, row] = [row, previous];
      } else if (!current.done) {
        row = new Uint8Array(current.value.bytes + 1);
        previous = new Uint8Array(row.length);
      }
      filled = 0;
    }
  }
  if (!current.done) throw pngError("png-truncated", "the pixel data ends early", `row ${current.value.y} is missing`);
  return pixels;
}
