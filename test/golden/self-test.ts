// Tests the goldens' runners: a value moved by a little more than twice its bound, or an exact one changed, must fail the case that it belongs
// to. Which value is chosen by a seed; where the bound comes from is the golden, never this file.
import { goldenFiles } from "./collect.js";
import type { GoldenBench } from "./golden-case.js";
import type { Counts, Verdict } from "./run-case.js";
import { testSet } from "./self-test-set.js";
import { testTensors } from "./self-test-tensors.js";

export interface SelfTest {
  readonly bench: GoldenBench;
  /** Any text; the same one chooses the same values. */
  readonly seed: string;
  readonly say: (line: string) => void;
}

export interface SelfTestOptions extends SelfTest {
  readonly dir: string;
  /** Part of the name of the files that are tested; default all but those that need a large model. */
  readonly only: string | undefined;
  /** Bytes of the model that a spec makes. */
  readonly modelSize: (spec: string) => Promise<number>;
}

/** Models above this are tested only if asked for by name: the tiny ones have some 50 MB, real ones 2 GB and more. */
const LARGE_MODEL = 500e6;

async function needsLargeModel(file: string, { bench, modelSize }: SelfTestOptions): Promise<boolean> {
  const sizes = await Promise.all([bench.entry(file)?.model ?? []].flat().map(modelSize));
  return sizes.some((size) => size > LARGE_MODEL);
}

async function testFile(file: string, options: SelfTestOptions): Promise<readonly Verdict[]> {
  if (file.endsWith(".json")) return testSet(file, options);
  if (!file.endsWith(".safetensors")) return [];
  if (options.only === undefined && (await needsLargeModel(file, options))) {
    options.say(`skip  ${file}: its model is large; name it with --only`);
    return ["skipped"];
  }
  return testTensors(file, options.bench, options);
}

/** Passed are the cases that fail as soon as one of their values is moved. */
export async function selfTest(options: SelfTestOptions): Promise<Counts> {
  const counts: Counts = { passed: 0, failed: 0, skipped: 0 };
  for (const file of await goldenFiles(options.dir)) {
    if (options.only !== undefined && !file.includes(options.only)) continue;
    for (const verdict of await testFile(file, options)) counts[verdict]++;
  }
  return counts;
}
