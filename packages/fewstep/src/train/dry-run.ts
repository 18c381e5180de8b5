// --dry-run: what a training would take. Memory is estimated from the graphs; seconds an iteration are measured by doing two of them, on
// state that is thrown away, if the estimate fits into the memory that is free.
import { FewstepError } from "@fewstep/core";
import { availableMemory } from "@fewstep/core/node";
import { programCost, type StepRunner, train } from "@fewstep/train";
import { duration } from "../run/progress.js";
import type { Prepared } from "./prepared.js";

export interface DryRun {
  readonly iterations: number;
  readonly memoryBytes: number;
  readonly availableBytes: number;
  readonly multiplicationsPerIteration: number;
  readonly secondsPerIteration: number;
  readonly totalSeconds: number;
}

/** Node and ONNX Runtime without any network. */
const PROCESS_BYTES = 150e6;
/** ONNX Runtime's arena rounds up, and packs weights of convolutions again: measured over the estimate, see docs/training.md. */
const ARENA = 1.3;
const TRIED = 2;

/** Bytes that training needs, and multiplications of an iteration. */
export function estimate({ recipe }: Prepared): { readonly bytes: number; readonly multiplications: number } {
  const costs = recipe.programs.map(programCost);
  const initial = [...recipe.initial.values()].reduce((sum, values) => sum + values.byteLength, 0);
  return {
    bytes: PROCESS_BYTES + initial + ARENA * Math.max(...costs.map(({ peakBytes }) => peakBytes)),
    multiplications: costs.reduce((sum, cost) => sum + cost.multiplications, 0),
  };
}

/** Throws `training-memory-too-small`. */
export async function checkTrainingMemory(
  prepared: Prepared,
): Promise<{ readonly needs: number; readonly has: number }> {
  const { bytes: needs } = estimate(prepared);
  const { bytes: has } = await availableMemory();
  if (needs <= has) return { needs, has };
  throw new FewstepError({
    code: "training-memory-too-small",
    message: `this training needs about ${gigabytes(needs)}, and ${gigabytes(has)} are free`,
    found: gigabytes(has),
    expected: gigabytes(needs),
    hint: "use a smaller --batch or --size, or --accumulate to do the batch in parts",
  });
}

export async function dryRun(prepared: Prepared, runner: StepRunner, signal: AbortSignal): Promise<DryRun> {
  const { needs, has } = await checkTrainingMemory(prepared);
  const { recipe } = prepared;
  let seconds = 0;
  const tried = { ...recipe, iterations: Math.min(TRIED, recipe.iterations) };
  // the first iteration also builds the session: the last one counts
  for await (const line of train(tried, { runner, signal })) seconds = line.seconds;
  return {
    iterations: recipe.iterations,
    memoryBytes: Math.max(needs, process.resourceUsage().maxRSS * 1024),
    availableBytes: has,
    multiplicationsPerIteration: estimate(prepared).multiplications,
    secondsPerIteration: seconds,
    totalSeconds: seconds * recipe.iterations,
  };
}

export function dryRunText(run: DryRun): string {
  return [
    `memory     ${gigabytes(run.memoryBytes)} (${gigabytes(run.availableBytes)} are free)`,
    `iteration  ${duration(run.secondsPerIteration)}, measured (${(run.multiplicationsPerIteration / 1e9).toFixed(1)} G multiplications)`,
    `total      ${duration(run.totalSeconds)} for ${run.iterations} iterations`,
  ].join("\n");
}

export function gigabytes(bytes: number): string {
  return `${(bytes / 1e9).toFixed(1)} GB`;
}
