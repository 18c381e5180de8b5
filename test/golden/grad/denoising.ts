// loss = mean((unet(sample, timestep, context) - target)^2): its gradients for the weights and inputs, or for an adapter's factors.
import { type Graph, GraphBuilder, overlay, type Tensor, unet } from "@fewstep/core";
import { addGradients, checkpointCuts, gradientName, withLora } from "@fewstep/train";
import type { GoldenBench, GoldenCheck, GoldenEntry, GoldenTensors } from "../golden-case.js";
import { partsOfModel, runOnce, unetFeeds } from "../networks/loaded.js";
import { adapterToTrain } from "./adapter.js";
import { checkRows, euclideanNorm } from "./compare.js";

/** Channels of the first level from which activations are computed again instead of being kept. */
const LARGE = 320;
const SEGMENTS = 24;

function squaredError(network: Graph, shape: readonly number[]): Graph {
  const b = new GraphBuilder("denoising");
  const noise = b.include(network, new Map(), "net:").get("noise")!;
  const error = b.op("Sub", [noise, b.input("target", shape)]);
  const loss = b.op("ReduceMean", [b.op("Mul", [error, error])], { axes: [0, 1, 2, 3], keepDims: false });
  return b.finish([{ name: "loss", value: loss }]);
}

export async function runDenoising(
  entry: GoldenEntry,
  golden: GoldenTensors,
  bench: GoldenBench,
): Promise<readonly GoldenCheck[]> {
  const parts = await partsOfModel(bench, entry.model as string);
  const { config, weights } = parts.unet!;
  const adapterSpec = entry.files?.[0];
  const adapter = adapterSpec === undefined ? undefined : await adapterToTrain(bench, parts, adapterSpec);
  const { shape } = golden.get("sample")!;
  const [batch, , height, width] = shape as [number, number, number, number];
  const plain = unet(config, { batch, height, width, tokens: golden.get("context")!.shape[1]! });
  const network = adapter === undefined ? plain : withLora(plain, adapter.lora);
  const objective = squaredError(network, shape);

  const trained = (
    adapter === undefined ? network : { weights: network.weights.filter(({ id }) => adapter.weights.has(id)) }
  ).weights;
  const inputs = ["sample", "context"].filter((id) => golden.has(`grad.${id}`));
  const ids = trained.map(({ id }) => id);
  const cuts = config.down[0]!.channels < LARGE ? [] : checkpointCuts(objective, SEGMENTS);
  const graph = addGradients(objective, "loss", [...ids, ...inputs], { cuts });
  const bound = adapter === undefined ? weights : overlay(weights, adapter.weights);
  const feeds: Record<string, Tensor> = { ...unetFeeds(parts.unet!, golden), target: golden.get("target")! };
  const outputs = await runOnce(bench.runtime, graph, bound, feeds);

  const made = (id: string): Float32Array => outputs[gradientName(id)]!.data as Float32Array;
  const answer = (name: string): Float32Array => {
    if (name === "loss") return outputs.loss!.data as Float32Array;
    if (name === "norm") return Float32Array.of(euclideanNorm(ids.map(made)));
    // an adapter's factors are stored without .weight
    return made(name.slice("grad.".length).replace(/(\.lora_(up|down))$/, "$1.weight"));
  };
  return Object.keys(entry.outputs).map((name) => checkRows(name, answer(name), golden, entry));
}
