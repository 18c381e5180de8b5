// The self-test of one .safetensors golden: it is computed once and compared again with one value of every tensor moved that has a bound.
// A check of each moved tensor must then fail.
import { tensorCases } from "./collect.js";
import type { GoldenBench, GoldenCheck } from "./golden-case.js";
import { movedTensors } from "./moved-tensors.js";
import { replayedRuntime } from "./replayed-runtime.js";
import { checksOf, exceeds, passes, type Verdict } from "./run-case.js";
import { seeded } from "./seeded.js";
import type { SelfTest } from "./self-test.js";

/** Other values tried of a tensor whose move was not seen: AdamW's first steps are not compared where a gradient's sign is unknown. */
const TRIES = 3;

const isAbout = (check: GoldenCheck, tensor: string): boolean =>
  check.name === tensor || [",", " ("].some((end) => check.name.startsWith(tensor + end));

/** The bounds that index.json states, and those that checks state of other tensors of the file. */
function boundsOf(names: Iterable<string>, checks: readonly GoldenCheck[], bench: GoldenBench, file: string) {
  const stated = bench.entry(file)?.outputs ?? {};
  const bounds = new Map<string, number>();
  for (const name of names) {
    const bound = stated[name]?.bound ?? checks.find((check) => isAbout(check, name))?.bound;
    if (bound !== undefined) bounds.set(name, bound);
  }
  return bounds;
}

/** The case at a place of the file's list, on other tensors or another runtime. */
async function checksAt(at: number, file: string, bench: GoldenBench): Promise<readonly GoldenCheck[] | string> {
  const one = (await tensorCases(file, bench))[at]!;
  return "skip" in one ? one.skip : checksOf(one);
}

async function testCase(at: number, file: string, bench: GoldenBench, seed: string): Promise<string | number> {
  const { recording, replay } = replayedRuntime(bench.runtime);
  const base = await checksAt(at, file, { ...bench, runtime: recording });
  if (typeof base === "string") return base;
  if (!passes(base)) return "fails before anything is moved";
  const tensors = await bench.tensors(file);
  let unseen = boundsOf(tensors.keys(), base, bench, file);
  const total = unseen.size;
  if (total === 0) return "no tensor has a bound";
  for (let attempt = 0; attempt < TRIES && unseen.size > 0; attempt++) {
    const moved = movedTensors(tensors, unseen, seeded(`${seed} ${file} ${at} ${attempt}`));
    const again = await checksAt(at, file, {
      ...bench,
      runtime: replay(),
      tensors: async (name) => (name === file ? moved : bench.tensors(name)),
    });
    if (typeof again === "string") return again;
    const missed = again.filter(exceeds);
    unseen = new Map([...unseen].filter(([name]) => !missed.some((check) => isAbout(check, name))));
  }
  return unseen.size === 0 ? total : `a moved value passes in ${[...unseen.keys()].join(", ")}`;
}

/** Tests every case of the file. */
export async function testTensors(file: string, bench: GoldenBench, { seed, say }: SelfTest): Promise<Verdict[]> {
  const verdicts: Verdict[] = [];
  for (const [at, one] of (await tensorCases(file, bench)).entries()) {
    if ("skip" in one) {
      say(`skip  ${one.id}: ${one.skip}`);
      verdicts.push("skipped");
      continue;
    }
    const result = await testCase(at, file, bench, seed);
    const seen = typeof result === "number";
    say(seen ? `ok    ${one.id}: ${result} tensors with a moved value fail` : `FAIL  ${one.id}: ${result}`);
    verdicts.push(seen ? "passed" : "failed");
  }
  return verdicts;
}
