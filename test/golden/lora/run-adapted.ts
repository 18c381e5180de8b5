// One output of a tiny model (noise, text0, text1) under adapters at several strengths, with the adapters as branches or folded.
import {
  type AdapterFit,
  adapterOnNetwork,
  clipText,
  foldAdapters,
  type Graph,
  type NetworkAdapter,
  type NetworkId,
  overlay,
  type Parts,
  strengthInput,
  type Tensor,
  unet,
  type Weights,
  withAdapterBranches,
} from "@fewstep/core";
import { foldFile } from "@fewstep/core/node";
import type { GoldenBench, GoldenTensors } from "../golden-case.js";
import { f32, runOnce, textFeeds, unetFeeds } from "../networks/loaded.js";

export type Way = "branches" | "folded";

export interface Fitted {
  readonly id: string;
  readonly fit: AdapterFit;
  /** What this adapter's strength is where the golden says strength m: m itself but for LyCORIS' merges. */
  readonly strength: (m: number) => number;
  /** Said beside each check where the adapter is not simply what the file holds. */
  readonly note: string;
}

interface Loadable {
  readonly graph: Graph;
  readonly weights: Weights;
  readonly feeds: Readonly<Record<string, Tensor>>;
  readonly output: string;
}

const NETWORKS: ReadonlyMap<string, NetworkId> = new Map([
  ["noise", "unet"],
  ["text0", "text0"],
  ["text1", "text1"],
]);

/** The network that computes an output. */
export function networkOf(output: string): NetworkId {
  const network = NETWORKS.get(output);
  if (network === undefined) throw new RangeError(`no network answers ${output}`);
  return network;
}

async function loadable(parts: Parts, network: NetworkId, inputs: GoldenTensors): Promise<Loadable> {
  if (network === "unet") {
    const part = parts.unet!;
    const [batch, , height, width] = inputs.get("sample")!.shape as [number, number, number, number];
    const tokens = inputs.get("context")!.shape[1]!;
    const graph = unet(part.config, { batch, height, width, tokens });
    return { graph, weights: part.weights, feeds: unetFeeds(part, inputs), output: "noise" };
  }
  const index = network === "text0" ? 0 : 1;
  const part = parts.text[index]!;
  const ids = inputs.get(`ids${index}`)!;
  const [batch, tokens] = ids.shape as [number, number];
  const graph = clipText(part.config, { batch, tokens, skip: 1, normed: true, pooled: false });
  return { graph, weights: part.weights, feeds: await textFeeds(part, ids), output: "states" };
}

/** The adapters of one network at one strength each. */
export function onNetwork(
  adapters: readonly Fitted[],
  strengths: readonly number[],
  network: NetworkId,
): readonly (NetworkAdapter & { readonly strength: number })[] {
  return adapters.flatMap(({ id, fit, strength: strengthAt }, i) => {
    const strength = strengthAt(strengths[i]!);
    const one = adapterOnNetwork(id, fit, { strengthUnet: strength, strengthText: strength }, network);
    return one === undefined ? [] : [one];
  });
}

/** The output once for each row of strengths (one a adapter). */
export async function runAdapted(
  bench: GoldenBench,
  parts: Parts,
  network: NetworkId,
  inputs: GoldenTensors,
  adapters: readonly Fitted[],
  strengths: readonly (readonly number[])[],
  way: Way,
): Promise<readonly Float32Array[]> {
  const { graph, weights, feeds, output } = await loadable(parts, network, inputs);
  const results: Float32Array[] = [];
  const keep = (outputs: Readonly<Record<string, Tensor>>) => results.push(outputs[output]!.data as Float32Array);
  if (way === "folded") {
    for (const row of strengths) {
      const sink = foldFile();
      const compute = (...call: Parameters<Parameters<typeof foldAdapters>[2]["compute"]>) =>
        runOnce(bench.runtime, call[0], call[1], call[2]);
      const folded = await foldAdapters(weights, onNetwork(adapters, row, network), { compute, sink });
      keep(await runOnce(bench.runtime, graph, folded, feeds));
      await sink.discard();
    }
    return results;
  }
  const branched = withAdapterBranches(graph, onNetwork(adapters, strengths[0]!, network));
  const session = await bench.runtime.load(branched.graph, overlay(weights, branched.weights));
  for (const row of strengths) {
    const scalars = onNetwork(adapters, row, network).map(({ id, strength }) => [
      strengthInput(id),
      f32([], Float32Array.of(strength)),
    ]);
    keep(await session.run({ ...feeds, ...Object.fromEntries(scalars) }));
  }
  await session.dispose();
  return results;
}
