// Reads the header of a .safetensors file into lazy tensors.
import type { Weights } from "./weights.js";

export interface SafetensorsFile {
  readonly weights: Weights;
  /** `__metadata__` as stored: string to string. */
  readonly metadata: ReadonlyMap<string, string>;
  /** Bytes before the data: 8 + the header's own length. */
  readonly headerBytes: number;
}
