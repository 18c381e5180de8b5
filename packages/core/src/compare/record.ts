// What came of a cell: plain JSON that is written beside its picture. Times are of this machine, scores are in another file.
import type { CellRun } from "./cell.js";
import type { Failure } from "./scores/failures.js";

export interface CellTimings {
  /** Seconds in which networks were loaded for this cell; 0 where earlier cells had loaded them. */
  readonly loading: number;
  /** Of each step, noise and guidance included. */
  readonly steps: readonly number[];
  readonly decode: number;
  /** From the request to the pixels, loading and text included. */
  readonly total: number;
}

export interface CellError {
  readonly code: string;
  readonly message: string;
  readonly found?: string;
  readonly hint?: string;
}

export interface CellRecord {
  readonly id: string;
  readonly status: "done" | "failed";
  readonly run: CellRun;
  readonly picture?: {
    readonly bytes: number;
    readonly sha256: string;
    readonly width: number;
    readonly height: number;
  };
  readonly timings?: CellTimings;
  /** Calls of the UNet that were made. */
  readonly calls?: number;
  /** Most memory the computing process held, mapped files included; undefined where the system does not say. */
  readonly peakBytes?: number;
  readonly device?: string;
  readonly threads?: number;
  readonly failures: readonly Failure[];
  readonly error?: CellError;
}

/** Steady seconds a picture: the median step times the number of steps, and the decoder. First steps are slow by loading, which a cell shares. */
export function pictureSeconds({ timings }: CellRecord): number | undefined {
  if (timings === undefined || timings.steps.length === 0) return undefined;
  return median(timings.steps) * timings.steps.length + timings.decode;
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const half = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[half]! : (sorted[half - 1]! + sorted[half]!) / 2;
}
