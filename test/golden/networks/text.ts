// text/ and full/*-textN: every state of a text encoder. "text encoder N" in the entry's call says which.
import { clipTextStates } from "@fewstep/core";
import {
  difference,
  type GoldenBench,
  type GoldenCheck,
  type GoldenEntry,
  type GoldenTensors,
} from "../golden-case.js";
import { partsOfModel, runOnce, textFeeds } from "./loaded.js";

export async function runText(
  entry: GoldenEntry,
  golden: GoldenTensors,
  bench: GoldenBench,
): Promise<readonly GoldenCheck[]> {
  const parts = await partsOfModel(bench, entry.model as string);
  const part = parts.text[Number(/text encoder (\d+)/.exec(entry.call)?.[1])]!;
  const ids = golden.get("ids")!;
  const [batch, tokens] = ids.shape as [number, number];
  const outputs = await runOnce(
    bench.runtime,
    clipTextStates(part.config, batch, tokens),
    part.weights,
    await textFeeds(part, ids),
  );
  return Object.entries(entry.outputs).map(([name, { bound }]) => {
    const expected = golden.get(name)!.data as Float32Array;
    // hidden.0 and hidden.1 are stored for the first prompt only
    const actual = (outputs[name]!.data as Float32Array).subarray(0, expected.length);
    return { name, difference: difference(actual, expected), bound };
  });
}
