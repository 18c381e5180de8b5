// Weights of a browser's files for onnxruntime-web: each tensor is mounted under a path of its own, as a slice of the user's File. Its JSPI
// build reads a slice when the tensor is needed, the others read all of them when the session is made. Read lazily, a session with several
// threads may wait for ever (onnxruntime-web 1.30.0): there the bytes are read here.
import { FewstepError } from "../errors.js";
import { readTensorBytes } from "../weights/read-tensor.js";
import type { LazyTensor } from "../weights/weights.js";

export interface WebMount {
  readonly path: string;
  readonly data: Blob | Uint8Array;
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

  /**
   * What InferenceSession.create takes as externalData.
   * @param lazy hands slices of Blobs over unread; other sources are read here
   */
  async externalData(lazy: boolean, signal?: AbortSignal): Promise<readonly WebMount[]> {
    const mounts: WebMount[] = [];
    for (const [path, tensor] of this.mounted) {
      const slice = tensor.file.blob.slice(tensor.offset, tensor.offset + tensor.byteLength);
      mounts.push({ path, data: lazy && slice instanceof Blob ? slice : await readTensorBytes(tensor, signal) });
    }
    return mounts;
  }
}
