// npm run golden -- [--dir DIR] [--only TEXT] [--self-test [--seed TEXT]]: runs every golden case of a folder and prints the largest
// difference beside each bound; or tests that every case fails once a value is moved.
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { childRuntime } from "@fewstep/core/node";
import { collect, readIndex } from "./collect.js";
import type { GoldenBench } from "./golden-case.js";
import { GeneratedModels } from "./models.js";
import { readGolden } from "./read-golden.js";
import { readGoldenJson } from "./read-golden-json.js";
import { type Counts, runCase } from "./run-case.js";
import { selfTest } from "./self-test.js";

const root = fileURLToPath(new URL("../../../", import.meta.url));

function folder(given: string | undefined): string {
  if (given !== undefined) return resolve(given);
  const shared = join(root, "..", "shared", "golden");
  return existsSync(shared) ? shared : join(root, "test", "golden", "data");
}

const { values } = parseArgs({
  options: {
    dir: { type: "string" },
    only: { type: "string" },
    threads: { type: "string" },
    "self-test": { type: "boolean", default: false },
    seed: { type: "string", default: "1" },
  },
});
const dir = folder(values.dir);
const { only, seed } = values;
const models = new GeneratedModels(dir, join(root, ".cache", "golden-models"));
const index = await readIndex(dir);
// one thread by default: sums then run in one order, whatever the machine's cores
const runtime = childRuntime({ threads: Number(values.threads ?? 1) });
const bench: GoldenBench = {
  runtime,
  path: (relative) => join(dir, relative),
  model: (spec) => models.open(spec),
  json: (relative) => readGoldenJson(join(dir, relative)),
  tensors: (relative) => readGolden(join(dir, relative)),
  entry: (relative) => index.get(relative),
};
const say = (line: string): void => console.log(line);

async function runAll(): Promise<Counts> {
  const counts: Counts = { passed: 0, failed: 0, skipped: 0 };
  for (const one of await collect(dir, bench)) {
    if (only === undefined || one.id.includes(only)) counts[await runCase(one, say)]++;
  }
  return counts;
}

const modelSize = (spec: string): Promise<number> => models.size(spec);
const counts = await (values["self-test"] ? selfTest({ dir, bench, only, seed, modelSize, say }) : runAll());
await runtime.dispose();
say(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`);
if (counts.failed > 0 || counts.passed + counts.skipped === 0) process.exitCode = 1;
