// A recipe is one training run as data and one function: what it starts from, what changes, and what one iteration does.
// It has no loop, no files and no clock; trainer.ts has.
import type { FlatLayout } from "../flat/layout.js";
import type { Program, StepRunner } from "../program/program.js";
import { residentsOf, type TrainStepOptions } from "../program/train-step.js";

export interface Iteration {
  readonly runner: StepRunner;
  /** Counted from 0. */
  readonly index: number;
}

/** Numbers worth a line in the log; `loss` is always there. */
export type Metrics = Readonly<Record<string, number>>;

export interface Recipe {
  readonly name: string;
  readonly seed: number;
  readonly iterations: number;
  /** First values of every resident. */
  readonly initial: ReadonlyMap<string, Float32Array>;
  /** The residents that training changes: what a checkpoint holds. */
  readonly state: readonly string[];
  /** What the state means, for exporters. */
  readonly layouts: ReadonlyMap<string, FlatLayout>;
  /** What an iteration runs, for estimates of memory and work. */
  readonly programs: readonly Program[];
  iterate(iteration: Iteration): Promise<Metrics>;
}

/** First values of a trained network's residents: no momentum, no gradients gathered, the average at the weights. */
export function initialState(
  name: string,
  vector: Float32Array,
  options: TrainStepOptions,
): ReadonlyMap<string, Float32Array> {
  const zeros = new Float32Array(vector.length);
  const { p, m, v, average, gathered } = residentsOf(name, options);
  return new Map([
    [p, vector],
    [m, zeros],
    [v, zeros],
    ...(average === undefined ? [] : [[average, vector] as const]),
    ...(gathered === undefined ? [] : [[gathered, zeros] as const]),
  ]);
}
