// Where normal noise comes from, named by the library it imitates. A source is opened with a seed and gives a stream;
// one stream per picture makes a picture independent of the batch it is made in.

import { createNumpyStream } from "./numpy.js";
import { createNumpyDefaultStream } from "./numpy-default.js";
import { createPhiloxStream } from "./philox.js";
import { createTorchCpuStream } from "./torch-cpu.js";

export type NoiseSourceName = "torch-cpu" | "philox" | "numpy" | "numpy-default";

/** Size of one picture's latents. */
export interface LatentSize {
  readonly channels: number;
  readonly height: number;
  readonly width: number;
}

export interface NoiseStream {
  /** The next `count` values of the standard normal distribution, in float32. */
  normal(count: number): Float32Array;
}

export interface NoiseSource {
  readonly name: NoiseSourceName;
  open(seed: bigint): NoiseStream;
}

export const noiseSources: Readonly<Record<NoiseSourceName, NoiseSource>> = {
  /** torch on the CPU: ComfyUI, InvokeAI, diffusers with a CPU generator. */
  "torch-cpu": { name: "torch-cpu", open: (seed) => createTorchCpuStream(seed) },
  /** torch on an NVIDIA GPU: A1111 and Forge by default. */
  philox: { name: "philox", open: createPhiloxStream },
  /** NumPy's RandomState.randn. */
  numpy: { name: "numpy", open: createNumpyStream },
  /** NumPy's default_rng().standard_normal in float32. */
  "numpy-default": { name: "numpy-default", open: createNumpyDefaultStream },
};

/** Noise of a run, as plain JSON (seeds are decimal strings: JSON numbers stop at 2^53). */
export interface NoiseRequest {
  /** Default `torch-cpu`. */
  readonly source?: NoiseSourceName;
  /** One per picture; with `one-generator` the first alone counts. */
  readonly seeds: readonly string[];
  /**
   * `per-image` (default): a stream per picture. `one-generator`: one stream draws for the whole batch,
   * as diffusers and ComfyUI do when they are given a single seed.
   */
  readonly batch?: "per-image" | "one-generator";
  /** Start noise turned towards that of other seeds by `subseedStrength` (A1111's variation seed). */
  readonly subseeds?: readonly string[];
  readonly subseedStrength?: number;
  /** Added to the seed for all noise after the start (A1111's eta noise seed delta). */
  readonly stepSeedOffset?: string;
  /** Where the noise after the start comes from, drawn anew from the seed: ComfyUI on a GPU. Default: `source`, going on. */
  readonly stepSource?: NoiseSourceName;
  /** Noise of the steps: from the stream (default), or increments of a Brownian path over sigma, whose nodes the same source draws. */
  readonly steps?: "stream" | "brownian-tree";
}
