// The text chunks of a PNG file: tEXt, zTXt, iTXt and eXIf (PNG specification 11.3.3), before and after the pixels.
// Hostile files are expected: what is damaged or too large becomes a fault with a code, and the other chunks are still read.

import { FewstepError } from "../errors.js";
import { inflate } from "./deflate.js";
import { type Orientation, readExif } from "./exif.js";
import type { PictureSize } from "./picture-size.js";
import { type PngChunk, pngError, scanPng } from "./png-chunks.js";
import { readPngHeader } from "./png-header.js";
import { type DecodedText, decodeBytes, decodeUtf8, latin1 } from "./text-decode.js";
import { MAX_ALL_TEXT_BYTES, MAX_TEXT_BYTES, type PngTextPlace, type TextEntry } from "./text-entry.js";

type PngTexts = {
  readonly entries: readonly TextEntry[];
  readonly orientation: Orientation | undefined;
  readonly size: PictureSize | undefined;
  readonly faults: readonly FewstepError[];
};

type Reading = { readonly entry: TextEntry; readonly size: number };

const TEXT_CHUNKS = new Set(["tEXt", "zTXt", "iTXt", "eXIf"]);

/** How the file says it must be turned, in its first sound eXIf chunk that says so. Never throws. */
export function pngOrientation(bytes: Uint8Array<ArrayBuffer>): Orientation | undefined {
  const blocks = scanPng(bytes).chunks.filter(({ type, crcMatches }) => type === "eXIf" && crcMatches);
  return blocks.map(({ data }) => readExif(data, "png").orientation).find((orientation) => orientation !== undefined);
}

/** Reads all texts of a file that begins with the PNG signature. Errors: `interrupted`; everything else is a fault. */
export async function readPngText(bytes: Uint8Array<ArrayBuffer>, signal: AbortSignal | undefined): Promise<PngTexts> {
  const scan = scanPng(bytes);
  const entries: TextEntry[] = [];
  const header = readSize(scan.chunks);
  const faults: FewstepError[] = [...scan.faults, ...header.faults];
  let orientation: Orientation | undefined;
  let afterPixels = false;
  let left = MAX_ALL_TEXT_BYTES;
  for (const chunk of scan.chunks) {
    if (chunk.type === "IDAT") afterPixels = true;
    if (!TEXT_CHUNKS.has(chunk.type)) continue;
    try {
      if (!chunk.crcMatches) throw pngError("png-crc", "a text chunk fails its checksum", chunk.type);
      if (chunk.type === "eXIf") {
        const exif = readExif(chunk.data, "png");
        entries.push(...exif.entries);
        faults.push(...exif.faults);
        orientation ??= exif.orientation;
        left -= chunk.data.length;
        continue;
      }
      const { entry, size } = await readChunk(chunk, afterPixels, Math.min(left, MAX_TEXT_BYTES), signal);
      left -= size;
      entries.push(entry);
    } catch (error) {
      if (!(error instanceof FewstepError) || error.kind === "interrupted") throw error;
      faults.push(error);
      // A stream that was stopped at the limit has cost that limit: many bombs in one file must not add up.
      if (error.code === "deflate-too-large") left -= MAX_TEXT_BYTES;
    }
  }
  return { entries, orientation, size: header.size, faults };
}

function readSize(chunks: readonly PngChunk[]): Pick<PngTexts, "size" | "faults"> {
  try {
    const { width, height } = readPngHeader(chunks);
    return { size: { width, height }, faults: [] };
  } catch (error) {
    if (error instanceof FewstepError) return { size: undefined, faults: [error] };
    throw error;
  }
}

async function readChunk(
  { type, data }: PngChunk,
  afterPixels: boolean,
  limit: number,
  signal: AbortSignal | undefined,
): Promise<Reading> {
  const keywordEnd = data.subarray(0, 80).indexOf(0);
  if (keywordEnd < 1) throw pngError("png-keyword", "a text chunk has no keyword", `${type} of ${data.length} bytes`);
  const keyword = latin1(data.subarray(0, keywordEnd));
  const body = data.subarray(keywordEnd + 1);
  const { compressed, language, bytes } = LAYOUTS[type as PngTextPlace["chunk"]](body, keyword);
  if (limit <= 0 || (!compressed && bytes.length > limit)) {
    throw pngError(
      "png-text-too-large",
      `the text "${keyword}" is too large`,
      `${bytes.length} bytes`,
      `at most ${limit}`,
    );
  }
  const plain = compressed ? await inflate(bytes, limit, signal) : bytes;
  const { text, encoding } = type === "iTXt" ? strictUtf8(plain, keyword) : decodeBytes(plain);
  const chunk = type as PngTextPlace["chunk"];
  const place = { container: "png", chunk, compressed, language, afterPixels, encoding } as const;
  return { entry: { keyword, text, place }, size: plain.length };
}

type Layout = {
  readonly compressed: boolean;
  readonly language: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
};

/** What follows the keyword in each kind of chunk. */
const LAYOUTS: {
  readonly [type in PngTextPlace["chunk"]]: (body: Uint8Array<ArrayBuffer>, keyword: string) => Layout;
} = {
  tEXt: (bytes) => ({ compressed: false, language: "", bytes }),
  zTXt: (body, keyword) => {
    requireDeflate(body[0], keyword);
    return { compressed: true, language: "", bytes: body.subarray(1) };
  },
  iTXt: (body, keyword) => {
    const compressed = body[0] === 1;
    if (compressed) requireDeflate(body[1], keyword);
    const languageEnd = body.indexOf(0, 2);
    const translatedEnd = body.indexOf(0, languageEnd + 1);
    if (body[0]! > 1 || languageEnd < 2 || translatedEnd <= languageEnd) {
      throw pngError("png-text", `the text chunk "${keyword}" is damaged`, "no end of the language or keyword field");
    }
    const language = latin1(body.subarray(2, languageEnd));
    return { compressed, language, bytes: body.subarray(translatedEnd + 1) };
  },
};

function requireDeflate(method: number | undefined, keyword: string): void {
  if (method !== 0) throw pngError("png-text", `the text chunk "${keyword}" is damaged`, `compression ${method}`, "0");
}

function strictUtf8(bytes: Uint8Array, keyword: string): DecodedText {
  const decoded = decodeUtf8(bytes);
  if (decoded === undefined) throw pngError("png-text-utf8", `the text "${keyword}" is not UTF-8`, "invalid bytes");
  return decoded;
}
