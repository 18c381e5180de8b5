// Where a training run keeps its state and its log. Nothing here names a platform.
import type { Checkpoint } from "./checkpoint.js";

/** One line of the log. */
export interface LogLine {
  /** Iterations done after this one. */
  readonly iteration: number;
  readonly seconds: number;
  readonly metrics: Readonly<Record<string, number>>;
}

export interface TrainStore {
  /** The last complete state, or undefined. */
  load(signal?: AbortSignal): Promise<Checkpoint | undefined>;
  /** Replaces the state as a whole: after a crash at any moment either the old or the new one is there. */
  save(checkpoint: Checkpoint, signal?: AbortSignal): Promise<void>;
  append(lines: readonly LogLine[]): Promise<void>;
}
