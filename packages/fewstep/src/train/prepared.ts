// One training run, ready to go: the recipe and what becomes of it. Each method's file makes one.
import type { Pixels, Weights } from "@fewstep/core";
import type { Recipe, StepRunner } from "@fewstep/train";

export interface Prepared {
  readonly recipe: Recipe;
  /** Files that hold the weights no resident holds. */
  readonly weights?: Weights;
  /** What was found, in lines. */
  readonly notes: readonly string[];
  /**
   * Writes the result from the runner's averages; answers the files.
   * @param updates of the weights: with --accumulate fewer than the recipe's iterations
   */
  write(runner: StepRunner, signal: AbortSignal, updates: number): Promise<readonly string[]>;
  /** Pictures of the network as it is. */
  sheet(runner: StepRunner, signal: AbortSignal): Promise<Pixels>;
}
