// A recipe is one training run as data and one function: what it starts from, what changes, and what one iteration does.
// It has no loop, no files and no clock; trainer.ts has.
import type { FlatLayout } from "../flat/layout.js";
import type { Program, StepRunner } from "../program/program.js";
import { residentsOf } from "../program/train-step.js";

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

/** First values of a trained network's residents: no momentum, the average at the weights. */
export function initialState(name: string, vector: Float32Array, averaged: boolean): ReadonlyMap<string, Float32Array> {
  const zeros = new Float32Array(vector.length);
  const values = [vector, zeros, zeros, vector];
  return new Map(residentsOf(name, averaged).map((resident, i) => [resident, values[i]!]));
}
