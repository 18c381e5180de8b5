// Where folded weights go: bytes in order, then a file that a runtime can map. The platform brings its own (Node: a private temporary
// file); memory serves the browser and small networks.
import { interrupted } from "../../errors.js";
import type { LazyTensor } from "../../weights/weights.js";

export interface FoldSink {
  /** Appends; the bytes are used up when the promise resolves. */
  write(bytes: Uint8Array, signal?: AbortSignal): Promise<void>;
  /** All that was written, as a file. Called once. */
  finish(): Promise<LazyTensor["file"]>;
  /** Gives up what was written, whether finished or not. */
  discard(): Promise<void>;
}

/** A sink in memory. */
export function memorySink(name = "folded weights"): FoldSink {
  let pieces: Blob[] = [];
  return {
    // a Blob of its own copies the bytes, and lets a browser move them out of the heap
    write: async (bytes, signal) => {
      if (signal?.aborted) throw interrupted();
      pieces.push(new Blob([bytes as Uint8Array<ArrayBuffer>]));
    },
    finish: async () => ({ name, blob: new Blob(pieces) }),
    discard: async () => {
      pieces = [];
    },
  };
}
