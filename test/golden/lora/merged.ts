// merged.*: weights of the UNet at strength 1, exact but for the rounding to float32.
import { foldAdapters, type Parts, readTensor } from "@fewstep/core";
import { foldFile } from "@fewstep/core/node";
import { difference, type GoldenBench, type GoldenCheck, type GoldenTensors } from "../golden-case.js";
import { runOnce } from "../networks/loaded.js";
import { type Fitted, onNetwork } from "./run-adapted.js";

const PREFIX = "merged.";
/** Of the largest value of a weight: what the goldens' README states for all of them. */
const BOUND = 1e-6;

export async function checkMerged(
  bench: GoldenBench,
  parts: Parts,
  adapters: readonly Fitted[],
  golden: GoldenTensors,
): Promise<readonly GoldenCheck[]> {
  const names = [...golden.keys()].filter((name) => name.startsWith(PREFIX));
  if (names.length === 0) return [];
  const sink = foldFile();
  const folded = await foldAdapters(
    parts.unet!.weights,
    onNetwork(
      adapters,
      adapters.map(() => 1),
      "unet",
    ),
    {
      compute: (graph, weights, feeds) => runOnce(bench.runtime, graph, weights, feeds),
      sink,
    },
  );
  const checks: GoldenCheck[] = [];
  for (const name of names) {
    const expected = golden.get(name)!.data as Float32Array;
    const largest = expected.reduce((max, value) => Math.max(max, Math.abs(value)), 0);
    const actual = await readTensor(folded.get(name.slice(PREFIX.length))!);
    checks.push({
      name: `${name}${adapters[0]!.note}`,
      difference: difference(actual, expected),
      bound: BOUND * largest,
    });
  }
  await sink.discard();
  return checks;
}
