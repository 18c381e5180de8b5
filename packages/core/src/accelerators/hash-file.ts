// The two hashes by which published files are known: SHA-256 of the file, and kohya's of what lies behind the safetensors header, which
// stays the same when only metadata is edited (A1111 shows its first 12 digits as the LoRA hash).
import { readBytes } from "../files/read-bytes.js";
import type { FileSource } from "../files/source.js";
import { createSha256 } from "./sha256.js";

export interface FileHashes {
  readonly sha256: string;
  /** 12 hex digits. */
  readonly tensorHash: string;
}

const chunkBytes = 2 ** 22;

/** Reads the file once. Throws `file-changed`, `file-unreadable`, `interrupted`. */
export async function hashFile(source: FileSource, headerBytes: number, signal?: AbortSignal): Promise<FileHashes> {
  const whole = createSha256();
  const tensors = createSha256();
  const { size } = source.blob;
  for (let start = 0; start < size; start += chunkBytes) {
    const bytes = await readBytes(source, start, Math.min(chunkBytes, size - start), signal);
    whole.update(bytes);
    tensors.update(bytes.subarray(Math.max(0, headerBytes - start)));
  }
  return { sha256: whole.hex(), tensorHash: tensors.hex().slice(0, 12) };
}
