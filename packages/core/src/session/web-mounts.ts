// Weights of a browser's files for onnxruntime-web: each tensor is mounted under a path of its own. Its JSPI build reads a tensor when it
// is needed, the others read all of them when the session is made.
import { FewstepError } from "../errors.js";
import { readBytes } from "../files/read-bytes.js";
import type { FileSource } from "../files/source.js";
import { CHUNK_BYTES } from "../weights/read-tensor.js";
import type { LazyTensor } from "../weights/weights.js";

export interface WebMount {
  readonly path: string;
  readonly data: Blob;
}

/** The largest tensor of SDXL has 126 MB; browsers fail to allocate more than about 2 GB at once. */
const LARGEST_TENSOR = 2 ** 30;

export class WebMounts {
  private readonly mounted = new Map<string, LazyTensor>();

  /** For compile: where the runtime will find a tensor. */
  readonly locate = (tensor: LazyTensor): { readonly location: string; readonly offset: number } => {
    if (tensor.byteLength > LARGEST_TENSOR) {
      throw new FewstepError({
        code: "weight-too-large",
        message: "a weight is too large for a browser",
        found: `${tensor.name} of ${tensor.byteLength} bytes in ${tensor.file.name}`,
        expected: `at most ${LARGEST_TENSOR} bytes`,
        hint: "run it in Node",
      });
    }
    const location = `weight-${this.mounted.size}`;
    this.mounted.set(location, tensor);
    return { location, offset: 0 };
  };

  /** What InferenceSession.create takes as externalData: nothing is read yet. */
  externalData(signal?: AbortSignal): readonly WebMount[] {
    return [...this.mounted].map(([path, { file, offset, byteLength }]) => ({
      path,
      data: new FileRange(file, offset, byteLength, signal),
    }));
  }
}

/**
 * Bytes of a file as the Blob that onnxruntime-web slices and streams: read in chunks by readBytes, since Chromium's own stream of a slice
 * of a File now and then never ends, and the session would wait for ever.
 */
class FileRange extends Blob {
  override readonly size: number;

  constructor(
    private readonly file: FileSource,
    private readonly offset: number,
    size: number,
    private readonly signal: AbortSignal | undefined,
  ) {
    super([]);
    this.size = size;
  }

  override slice(start = 0, end = this.size): Blob {
    return new FileRange(this.file, this.offset + start, end - start, this.signal);
  }

  override async arrayBuffer(): Promise<ArrayBuffer> {
    return new Uint8Array(await readBytes(this.file, this.offset, this.size, this.signal)).buffer;
  }

  override stream(): ReturnType<Blob["stream"]> {
    let read = 0;
    return new ReadableStream<Uint8Array>({
      pull: async (controller) => {
        const length = Math.min(CHUNK_BYTES, this.size - read);
        if (length === 0) return controller.close();
        controller.enqueue(await readBytes(this.file, this.offset + read, length, this.signal));
        read += length;
      },
    }) as ReturnType<Blob["stream"]>;
  }
}
