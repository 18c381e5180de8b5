// npm run golden -- [--dir DIR] [--only TEXT]: runs every golden case of a folder and prints the largest difference beside each bound.
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { childRuntime } from "@fewstep/core/node";
import { collect, readIndex } from "./collect.js";
import type { GoldenBench, GoldenCase } from "./golden-case.js";
import { GeneratedModels } from "./models.js";
import { readGolden } from "./read-golden.js";

const root = fileURLToPath(new URL("../../../", import.meta.url));

function folder(given: string | undefined): string {
  if (given !== undefined) return resolve(given);
  const shared = join(root, "..", "shared", "golden");
  return existsSync(shared) ? shared : join(root, "test", "golden", "data");
}

async function outcome(one: GoldenCase): Promise<"passed" | "failed" | "skipped"> {
  if ("skip" in one) {
    console.log(`skip  ${one.id}: ${one.skip}`);
    return "skipped";
  }
  try {
    const checks = await one.run();
    // a difference that is not finite is no difference that a bound could hold
    const failed = checks.filter(({ difference, bound }) => !(difference <= bound));
    const worst = checks.reduce(
      (a, b) => (b.difference / b.bound > a.difference / a.bound ? b : a),
      checks[0] ?? { name: "nothing", difference: Number.NaN, bound: 0 },
    );
    const shown = failed[0] ?? worst;
    const ok = checks.length > 0 && failed.length === 0;
    console.log(
      `${ok ? "ok   " : "FAIL "} ${one.id}: ${shown.name} ${shown.difference.toExponential(2)} of ${shown.bound.toExponential(2)} (${checks.length} checks)`,
    );
    return ok ? "passed" : "failed";
  } catch (error) {
    console.log(`FAIL  ${one.id}: ${error instanceof Error ? error.message : error}`);
    return "failed";
  }
}

const { values } = parseArgs({
  options: { dir: { type: "string" }, only: { type: "string" }, threads: { type: "string" } },
});
const dir = folder(values.dir);
const models = new GeneratedModels(dir, join(root, ".cache", "golden-models"));
const index = await readIndex(dir);
const runtime = childRuntime({ threads: Number(values.threads ?? 2) });
const bench: GoldenBench = {
  runtime,
  path: (relative) => join(dir, relative),
  model: (spec) => models.open(spec),
  json: async (relative) => JSON.parse(await readFile(join(dir, relative), "utf8")),
  tensors: (relative) => readGolden(join(dir, relative)),
  entry: (relative) => index.get(relative),
};
const counts = { passed: 0, failed: 0, skipped: 0 };
for (const one of await collect(dir, bench)) {
  if (values.only !== undefined && !one.id.includes(values.only)) continue;
  counts[await outcome(one)]++;
}
await runtime.dispose();
console.log(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`);
if (counts.failed > 0 || counts.passed + counts.skipped === 0) process.exitCode = 1;
