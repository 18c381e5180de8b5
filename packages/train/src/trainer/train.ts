// The training loop as an async generator: a line an iteration. It resumes from the store, saves to it, and never overwrites a good state
// with a bad one. What an iteration does is the recipe's.
import { FewstepError, interrupted } from "@fewstep/core";
import type { StepRunner } from "../program/program.js";
import type { Recipe } from "../recipes/recipe.js";
import type { Shaping } from "./checkpoint.js";
import type { LogLine, TrainStore } from "./store.js";

export interface TrainOptions {
  readonly runner: StepRunner;
  /** Default: nothing is kept. */
  readonly store?: TrainStore;
  /** What shapes the run, by name: a state that was made otherwise is not gone on from. Default: nothing is compared. */
  readonly shaping?: Shaping;
  /** Iterations between saved states; default 500. The end is always saved, and so is an interruption. */
  readonly saveEvery?: number;
  /** Called after every `sampleEvery` iterations and at the end. */
  readonly sample?: (iteration: number, runner: StepRunner) => Promise<void>;
  readonly sampleEvery?: number;
  /** Ends the training early, saved, after the first line for which it answers true. */
  readonly until?: (line: LogLine) => boolean;
  /** Looked at between iterations. */
  readonly signal?: AbortSignal;
}

/**
 * Trains until the recipe's iterations are done. Throws `loss-not-finite` (the last saved state stands), `checkpoint-of-another-recipe`,
 * and `interrupted` after saving.
 */
export async function* train(recipe: Recipe, options: TrainOptions): AsyncGenerator<LogLine, void, undefined> {
  const { runner, store, saveEvery = 500, sample, sampleEvery = Number.POSITIVE_INFINITY, signal } = options;
  const { until = () => false, shaping } = options;
  let iteration = await restore(recipe, options);
  let saved = iteration;
  let unwritten: LogLine[] = [];
  const save = async (): Promise<void> => {
    if (store === undefined || saved === iteration) return;
    await store.append(unwritten);
    unwritten = [];
    const residents = new Map<string, Float32Array>();
    for (const name of recipe.state) residents.set(name, await runner.get(name));
    await store.save({ recipe: recipe.name, seed: recipe.seed, iteration, residents, ...(shaping && { shaping }) });
    saved = iteration;
  };
  // an iteration may be several programs: only between two iterations is the state one that can be gone on from
  let whole = true;
  try {
    while (iteration < recipe.iterations) {
      if (signal?.aborted) throw interrupted();
      const start = performance.now();
      whole = false;
      const metrics = await recipe.iterate({ runner, index: iteration });
      checkFinite(recipe, iteration, metrics);
      whole = true;
      iteration++;
      const line = { iteration, seconds: (performance.now() - start) / 1000, metrics };
      if (store !== undefined) unwritten.push(line);
      const last = iteration === recipe.iterations;
      if (last || iteration % saveEvery === 0) await save();
      if (sample !== undefined && (last || iteration % sampleEvery === 0)) await sample(iteration, runner);
      yield line;
      if (until(line)) return;
    }
  } finally {
    if (whole) await save();
  }
}

async function restore(recipe: Recipe, { runner, store, shaping, signal }: TrainOptions): Promise<number> {
  const checkpoint = await store?.load(signal);
  if (checkpoint !== undefined && (checkpoint.recipe !== recipe.name || checkpoint.seed !== recipe.seed)) {
    throw new FewstepError({
      code: "checkpoint-of-another-recipe",
      message: "the saved state belongs to another training",
      found: `${checkpoint.recipe} with seed ${checkpoint.seed}`,
      expected: `${recipe.name} with seed ${recipe.seed}`,
      hint: "train into an empty folder, or with the options of the run that is to go on",
    });
  }
  if (checkpoint?.shaping !== undefined && shaping !== undefined) requireSame(checkpoint.shaping, shaping);
  for (const [name, values] of recipe.initial) {
    const stored = checkpoint?.residents.get(name);
    if (stored !== undefined && stored.length !== values.length) throw otherSize(name, stored.length, values.length);
    await runner.set(name, stored ?? values);
  }
  return checkpoint?.iteration ?? 0;
}

/** @throws FewstepError `checkpoint-of-another-recipe` */
function requireSame(made: Shaping, asked: Shaping): void {
  const said = (shaping: Shaping, name: string) => JSON.stringify(shaping[name]) ?? "nothing";
  const other = [...new Set([...Object.keys(made), ...Object.keys(asked)])].filter(
    (name) => said(made, name) !== said(asked, name),
  );
  if (other.length === 0) return;
  throw new FewstepError({
    code: "checkpoint-of-another-recipe",
    message: "the saved state was made with other options",
    found: other.map((name) => `${name} ${said(made, name)}`).join(", "),
    expected: other.map((name) => `${name} ${said(asked, name)}`).join(", "),
    hint: "train into an empty folder, or with the options of the run that is to go on",
  });
}

function otherSize(name: string, found: number, expected: number): FewstepError {
  return new FewstepError({
    code: "checkpoint-of-another-recipe",
    message: `the saved state's ${name} has another size`,
    found: `${found} numbers`,
    expected: `${expected} numbers`,
    hint: "train into an empty folder, or with the options of the run that is to go on",
  });
}

function checkFinite(recipe: Recipe, iteration: number, metrics: Readonly<Record<string, number>>): void {
  const bad = Object.keys(metrics).find((name) => !Number.isFinite(metrics[name]));
  if (bad === undefined) return;
  throw new FewstepError({
    code: "loss-not-finite",
    kind: "failed",
    message: `${recipe.name}: the ${bad} of iteration ${iteration + 1} is no finite number`,
    found: String(metrics[bad]),
    hint: "the last saved state is intact: go on from it with a lower learning rate",
  });
}
