// `fewstep train METHOD`: prepare, then loop with progress, log, saved states and sheets, then write the result.
import { rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { encodePng } from "@fewstep/core";
import { exists, makeFolder, outputExists, writeFileAtomically } from "@fewstep/core/node";
import { type LogLine, type StepRunner, stopWhen, train } from "@fewstep/train";
import { folderStore, ortRunner } from "@fewstep/train/node";
import { lockFolder } from "../folder-lock.js";
import type { Output } from "../output.js";
import { checkSafetensorsName } from "../run/weights-output.js";
import { HYPER_RULES, hasSeveralStages } from "./adapter-options.js";
import { checkTrainingMemory, dryRun, dryRunText } from "./dry-run.js";
import type { Method } from "./methods.js";
import { checkRules, type OptionRule } from "./option-rules.js";
import { prepare } from "./prepare.js";
import type { Prepared } from "./prepared.js";
import { BASE_RULES, type TrainOptions } from "./train-options.js";
import { type TrainingProgress, trainingProgress } from "./training-progress.js";
import { VAE_RULES } from "./vae-options.js";

/** Where the state lies unless --resume says otherwise. */
export const stateFolder = ({ resume, out }: Pick<TrainOptions, "resume" | "out">): string =>
  resume ?? `${out}.training`;

/** Options that leave what is learned as it is; more --steps go on with it. */
const BESIDE = new Set<string>(
  "out force resume saveEvery until cache sheets sheetEvery dryRun threads device json steps segments".split(" "),
);
/** Files and folders, which may lie elsewhere on another machine. */
const PATHS = new Set<string>("data teacher vae start teacherLora critic feedback".split(" "));

const hasStages = (method: Method, options: TrainOptions): boolean => method === "hyper" && hasSeveralStages(options);

/** What a state is held against when it is gone on from. */
function shapingOf(method: Method, options: TrainOptions): Readonly<Record<string, unknown>> {
  // several stages are shares of the iterations: more of them would go back to an earlier stage
  const isBeside = (name: string) => BESIDE.has(name) && !(name === "steps" && hasStages(method, options));
  const shaping = Object.entries(options).filter(([name]) => !isBeside(name));
  return Object.fromEntries(
    shaping.map(([name, value]) => [name, PATHS.has(name) && typeof value === "string" ? basename(value) : value]),
  );
}

const RULES: Partial<Readonly<Record<Method, readonly OptionRule<TrainOptions>[]>>> = {
  hyper: HYPER_RULES,
  vae: VAE_RULES,
  base: BASE_RULES,
};

export async function trainRun(method: Method, options: TrainOptions, output: Output, signal: AbortSignal) {
  checkRules(RULES[method] ?? [], options);
  if (!options.dryRun) await checkOutput(options);
  const progress = trainingProgress(process.stderr, options.steps * options.accumulate);
  const prepared = await prepare(method, options, { signal, stage: progress.stage });
  for (const note of prepared.notes) output.note(note);
  const runner = ortRunner({
    device: options.device,
    ...(options.threads && { threads: options.threads }),
    ...(prepared.weights && { weights: prepared.weights }),
  });
  try {
    if (options.dryRun) {
      const result = await dryRun(prepared, runner, signal);
      output.result(dryRunText(result), result);
      return;
    }
    await checkTrainingMemory(prepared);
    const last = await locked(stateFolder(options), () => loop(method, prepared, options, runner, progress, signal));
    if (last === undefined) output.note("all iterations were done before: the file is written from the saved state");
    const iterations = last?.iteration ?? prepared.recipe.iterations;
    const files = await prepared.write(runner, signal, Math.floor(iterations / options.accumulate));
    output.result(files.map((file) => `wrote ${file}`).join("\n"), {
      files,
      method,
      iterations,
      ...(last === undefined ? {} : { loss: last.metrics.loss }),
    });
  } finally {
    await runner.dispose();
  }
}

/** @throws FewstepError `store-in-use` where another run goes on with the same state */
async function locked<T>(folder: string, work: () => Promise<T>): Promise<T> {
  await makeFolder(folder);
  const lock = await lockFolder(folder);
  try {
    return await work();
  } finally {
    await lock.release();
  }
}

/** The last iteration's line; undefined if all had been done before. */
async function loop(
  method: Method,
  prepared: Prepared,
  options: TrainOptions,
  runner: StepRunner,
  progress: TrainingProgress,
  signal: AbortSignal,
): Promise<LogLine | undefined> {
  const folder = stateFolder(options);
  const { sheets } = options;
  if (sheets !== undefined) await makeFolder(sheets);
  const sample = async (iteration: number) => {
    const png = await encodePng(await prepared.sheet(runner, signal), { signal });
    const name = join(sheets!, `${prepared.recipe.name}-${String(iteration).padStart(7, "0")}.png`);
    await writeFileAtomically(name, png, { replace: true, signal });
    progress.note(`wrote ${name}`);
  };
  let last: LogLine | undefined;
  const lines = train(prepared.recipe, {
    runner,
    store: folderStore(folder),
    saveEvery: options.saveEvery,
    shaping: shapingOf(method, options),
    ...(options.until && { until: stopWhen(options.until) }),
    ...(sheets === undefined ? {} : { sample, sampleEvery: options.sheetEvery }),
    signal,
  });
  for await (const line of lines) {
    last = line;
    progress.iteration(line);
  }
  return last;
}

/** Before hours of work: that the result can be written. Throws `output-exists`, `not-safetensors-name`, and what the disk says. */
async function checkOutput({ out, force }: TrainOptions): Promise<void> {
  checkSafetensorsName(out);
  if (!force && (await exists(out))) throw outputExists(out);
  await makeFolder(dirname(out));
  const trial = `${out}.${process.pid}.trial`;
  await writeFileAtomically(trial, new Uint8Array(1));
  await rm(trial);
}
