// unet/ and full/*-unet-*: one call of the UNet, with the intermediate tensors that the golden holds.
import { tap, unet } from "@fewstep/core";
import {
  checkTensor,
  type GoldenBench,
  type GoldenCheck,
  type GoldenEntry,
  type GoldenTensors,
} from "../golden-case.js";
import { partsOfModel, runOnce, unetFeeds } from "./loaded.js";

export async function runUnet(
  entry: GoldenEntry,
  golden: GoldenTensors,
  bench: GoldenBench,
): Promise<readonly GoldenCheck[]> {
  const parts = await partsOfModel(bench, entry.model as string);
  const part = parts.unet!;
  const [batch, , height, width] = golden.get("sample")!.shape as [number, number, number, number];
  const tokens = golden.get("context")!.shape[1]!;
  const feeds = unetFeeds(part, golden);
  const names = Object.keys(entry.outputs);
  const made = new Map<string, ArrayLike<number>>([["time_proj", feeds.time_features!.data as Float32Array]]);
  const inside = names.filter((name) => name !== "noise" && name !== "time_proj");
  const graph = tap(unet(part.config, { batch, height, width, tokens }), inside);
  const outputs = await runOnce(bench.runtime, graph, part.weights, feeds);
  return names.map((name) => checkTensor(name, made.get(name) ?? (outputs[name]!.data as Float32Array), golden, entry));
}
