// Files for tests, byte by byte, and a file too large to exist.
import { FewstepError } from "../errors.js";
import type { FileSource } from "../files/source.js";

export const utf8 = (text: string) => new TextEncoder().encode(text);

export function fileOf(name: string, ...parts: readonly (Uint8Array | string)[]): FileSource {
  return { name, blob: new Blob(parts as (Uint8Array<ArrayBuffer> | string)[]) };
}

/** A safetensors file: the length of `header` (or the given one), the header, the data (a number: that many zeros). */
export function rawFile(header: string | Uint8Array, data: Uint8Array | number = 0, length?: bigint): FileSource {
  const text = typeof header === "string" ? utf8(header) : header;
  const prefix = new Uint8Array(8);
  new DataView(prefix.buffer).setBigUint64(0, length ?? BigInt(text.length), true);
  return fileOf("test.safetensors", prefix, text, typeof data === "number" ? new Uint8Array(data) : data);
}

/** A file that claims `size` bytes but holds only the start; records the longest stretch that was read. */
export function sparseFile(start: FileSource, size: number): FileSource & { readonly longestRead: () => number } {
  let longest = 0;
  const blob = {
    size,
    slice(from: number, to: number) {
      longest = Math.max(longest, to - from);
      return start.blob.slice(from, to);
    },
  };
  return { name: start.name, blob: blob as Blob, longestRead: () => longest };
}

/** The error's code, or "accepted". Anything but a FewstepError is thrown on. */
export async function codeOf(work: Promise<unknown>): Promise<string> {
  try {
    await work;
  } catch (error) {
    if (error instanceof FewstepError) return error.code;
    throw error;
  }
  return "accepted";
}
