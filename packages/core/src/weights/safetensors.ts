// Reads the header of a .safetensors file into lazy tensors, believing nothing: the data must be covered exactly, in order, without hole
// or overlap, and the file must end where the last tensor does. Format: the safetensors README; limits: safetensors-limits.ts.
import { FewstepError } from "../errors.js";
import { containerOf, foreignContainer } from "../files/container.js";
import { readBytes } from "../files/read-bytes.js";
import { showName } from "../files/show-name.js";
import type { FileSource } from "../files/source.js";
import { bitsOf, safetensorsName } from "../tensor/dtype.js";
import { checkedElementCount, formatShape } from "../tensor/shape.js";
import { type SafetensorsErrorCode, safetensorsError } from "./safetensors-errors.js";
import { type Header, type HeaderEntry, overflow, parseHeader } from "./safetensors-header.js";
import { MAX_FILE_BYTES, MAX_HEADER_BYTES } from "./safetensors-limits.js";
import { type LazyTensor, type Weights, weightsOf } from "./weights.js";

export interface SafetensorsFile {
  readonly weights: Weights;
  /** `__metadata__` as stored: string to string. */
  readonly metadata: ReadonlyMap<string, string>;
  /** Bytes before the data: 8 + the header's own length. */
  readonly headerBytes: number;
}

const REDOWNLOAD =
  "the file is damaged or incomplete: download or copy it again and compare its size with the original's";

/** Reads and checks the header, and nothing else. Throws the codes of safetensors-errors.ts. */
export async function openSafetensors(source: FileSource, signal?: AbortSignal): Promise<SafetensorsFile> {
  const { header, headerBytes } = await readHeader(source, signal).catch((error) => explain(error, source, signal));
  const entries = header.entries.toSorted((a, b) => a.begin - b.begin || a.end - b.end);
  checkFileEnd(source, headerBytes + checkLayout(entries));
  const tensors = entries.map(
    ({ name, dtype, shape, begin, end }): LazyTensor =>
      Object.freeze({
        name,
        dtype,
        shape: Object.freeze(shape),
        file: source,
        offset: headerBytes + begin,
        byteLength: end - begin,
      }),
  );
  return { weights: weightsOf(tensors.map((tensor) => [tensor.name, tensor])), metadata: header.metadata, headerBytes };
}

async function readHeader(source: FileSource, signal?: AbortSignal): Promise<{ header: Header; headerBytes: number }> {
  const headerBytes = await headerEnd(source, signal);
  return { header: parseHeader(decode(await readBytes(source, 8, headerBytes - 8, signal), source)), headerBytes };
}

/** Codes of a header so wrong that the file may be something else altogether. */
const NO_HEADER: ReadonlySet<string> = new Set<SafetensorsErrorCode>([
  "safetensors-too-short",
  "safetensors-header-too-large",
  "safetensors-header-cut",
  "safetensors-not-utf8",
  "safetensors-not-json",
]);

/** Names what the file is instead, when its first bytes tell; else the error stands. */
async function explain(error: unknown, source: FileSource, signal?: AbortSignal): Promise<never> {
  if (!(error instanceof FewstepError) || !NO_HEADER.has(error.code)) throw error;
  const container = await containerOf(source, signal);
  throw container === undefined ? error : foreignContainer(source, container, error);
}

/** Where the header ends, known to lie within the limit and the file before anything of that size is allocated. */
async function headerEnd(source: FileSource, signal?: AbortSignal): Promise<number> {
  const { name, blob } = source;
  if (blob.size < 8) {
    throw safetensorsError("safetensors-too-short", {
      message: `${name} is too short for a safetensors header`,
      found: `${blob.size} bytes`,
      expected: "8 bytes of header length",
      hint: REDOWNLOAD,
    });
  }
  const first = await readBytes(source, 0, 8, signal);
  const length = new DataView(first.buffer, first.byteOffset).getBigUint64(0, true);
  if (length > BigInt(MAX_HEADER_BYTES)) {
    throw safetensorsError("safetensors-header-too-large", {
      message: `${name} claims too large a safetensors header`,
      found: `${length} bytes`,
      expected: `at most ${MAX_HEADER_BYTES} bytes`,
      hint: "this is not a safetensors file, or it is damaged",
    });
  }
  const end = 8 + Number(length);
  if (end > blob.size) {
    throw safetensorsError("safetensors-header-cut", {
      message: `${name} ends inside its header`,
      found: `${blob.size - 8} bytes after the length`,
      expected: `${length} bytes of header`,
      hint: REDOWNLOAD,
    });
  }
  if (blob.size > MAX_FILE_BYTES) {
    throw safetensorsError("safetensors-file-too-large", {
      message: `${name} is larger than any model`,
      found: `${blob.size} bytes`,
      expected: `at most ${MAX_FILE_BYTES} bytes`,
      hint: "the file claims more than it can hold, or is a whole disk image: get the model from its author",
    });
  }
  return end;
}

function decode(bytes: Uint8Array, source: FileSource): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw safetensorsError("safetensors-not-utf8", {
      message: `the safetensors header of ${source.name} is not UTF-8`,
      hint: "this is not a safetensors file, or it is damaged",
      cause,
    });
  }
}

/** Checks entries sorted by offset and answers where the data ends. */
function checkLayout(entries: readonly HeaderEntry[]): number {
  let end = 0;
  for (const entry of entries) {
    if (entry.begin !== end) throw misplaced(entry, end);
    const bytes = byteLengthOf(entry);
    if (entry.end - entry.begin !== bytes) {
      throw layoutError(
        "safetensors-size-mismatch",
        entry,
        "has offsets that disagree with its shape",
        `${entry.end - entry.begin} bytes`,
        `${bytes} bytes for ${safetensorsName(entry.dtype)} ${formatShape(entry.shape)}`,
      );
    }
    end = entry.end;
  }
  return end;
}

function misplaced(entry: HeaderEntry, end: number): FewstepError {
  return entry.begin < end
    ? layoutError(
        "safetensors-overlap",
        entry,
        "overlaps the one before it",
        `begins at ${entry.begin}`,
        `begins at ${end}`,
      )
    : layoutError("safetensors-hole", entry, "leaves a hole before it", `begins at ${entry.begin}`, `begins at ${end}`);
}

function layoutError(
  code: SafetensorsErrorCode,
  entry: HeaderEntry,
  what: string,
  found: string,
  expected?: string,
): FewstepError {
  return safetensorsError(code, {
    message: `tensor ${showName(entry.name)} ${what}`,
    found,
    ...(expected === undefined ? {} : { expected }),
    hint: "the file was written wrongly: get it again from its author, or save it anew with the safetensors library",
  });
}

function byteLengthOf(entry: HeaderEntry): number {
  const bits = (checkedElementCount(entry.shape) ?? Infinity) * bitsOf(entry.dtype);
  if (!Number.isSafeInteger(bits)) throw overflow(entry.name, `shape ${formatShape(entry.shape)}`);
  if (bits % 8 === 0) return bits / 8;
  throw layoutError("safetensors-misaligned", entry, "ends inside a byte", `${bits} bits`, "whole bytes");
}

function checkFileEnd(source: FileSource, end: number): void {
  const { name, blob } = source;
  if (blob.size === end) return;
  const cut = blob.size < end;
  throw safetensorsError(cut ? "safetensors-truncated" : "safetensors-trailing-bytes", {
    message: cut ? `${name} is truncated` : `${name} has bytes after its last tensor`,
    found: `${blob.size} bytes`,
    expected: `${end} bytes`,
    hint: cut ? REDOWNLOAD : "something was appended to the file (it may be two formats at once): get a clean copy",
  });
}
