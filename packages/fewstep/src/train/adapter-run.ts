// What the recipes of the command are made from, and the rules that several of them share.
import type { DistillOptions, LearningRate } from "@fewstep/train";
import type { LoadedVae } from "./open-vae.js";
import type { Teacher } from "./teacher.js";
import type { TrainOptions } from "./train-options.js";

export interface AdapterRun {
  readonly shared: DistillOptions;
  readonly teacher: Teacher;
  /** The teacher's autoencoder. */
  readonly vae: LoadedVae;
  readonly options: TrainOptions;
  /** The LoRA of the stage before, if any. */
  readonly teacherAdapter: Float32Array | undefined;
  readonly signal: AbortSignal;
}

/** Critics learn this much faster than the student: D of LADD's reimplementations, 10 to 5 times the generator's. */
const CRITIC_RATE = 5;

/** e = c + w (c - u): a scale of 1 is w = 0. */
export const above = (scale: number): number => scale - 1;

/** The critic's rate beside a student's. */
export const faster = (rate: LearningRate): LearningRate => ({ ...rate, peak: CRITIC_RATE * rate.peak });
