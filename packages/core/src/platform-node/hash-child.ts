// The child process that hashes files at a lower priority, so that the computing process keeps its cores. One message a file, one reply.
import { createHash } from "node:crypto";
import { open } from "node:fs/promises";
import { constants, setPriority } from "node:os";

export interface HashRequest {
  readonly id: number;
  readonly path: string;
  /** First byte that counts: 0, or where the data of a safetensors file begins. */
  readonly from: number;
}

export type HashReply =
  | { readonly id: number; readonly sha256: string }
  | { readonly id: number; readonly problem: string };

const CHUNK = 4 * 1024 * 1024;

async function sha256({ path, from }: HashRequest): Promise<string> {
  const hash = createHash("sha256");
  const file = await open(path, "r");
  try {
    const buffer = new Uint8Array(CHUNK);
    let at = from;
    for (;;) {
      const { bytesRead } = await file.read(buffer, 0, CHUNK, at);
      if (bytesRead === 0) return hash.digest("hex");
      hash.update(buffer.subarray(0, bytesRead));
      at += bytesRead;
    }
  } finally {
    await file.close();
  }
}

async function answer(request: HashRequest): Promise<HashReply> {
  try {
    return { id: request.id, sha256: await sha256(request) };
  } catch (error) {
    return { id: request.id, problem: error instanceof Error ? error.message : String(error) };
  }
}

try {
  setPriority(constants.priority.PRIORITY_BELOW_NORMAL);
} catch {
  // some sandboxes forbid it; hashing then merely competes
}
// one file after the other: two at once would only make the disk seek
let last = Promise.resolve();
process.on("message", (request: HashRequest) => {
  last = last.then(async () => {
    process.send?.(await answer(request));
  });
});
process.on("disconnect", () => process.exit(0));
// the parent decides what an interrupt means
process.on("SIGINT", () => {});
