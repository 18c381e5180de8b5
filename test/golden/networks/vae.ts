// vae/ and full/*-{decode,encode}-*: the autoencoders, KL and TAESD (each spelling of the TAESD weights that the entry lists).
import {
  openSafetensors,
  type TaesdPart,
  type Tensor,
  taesdDecoder,
  taesdEncoder,
  taesdPart,
  tap,
  vaeDecoder,
  vaeEncoder,
} from "@fewstep/core";
import {
  checkTensor,
  type GoldenBench,
  type GoldenCheck,
  type GoldenEntry,
  type GoldenTensors,
} from "../golden-case.js";
import { f32, partsOfModel, runOnce } from "./loaded.js";

const scaled = (tensor: Tensor, by: (value: number) => number): Tensor =>
  f32(tensor.shape, Float32Array.from(tensor.data as Float32Array, by));

/** As pipelines load an autoencoder. */
const AS_LOADED = { winograd: true } as const;

export async function runVae(
  entry: GoldenEntry,
  golden: GoldenTensors,
  bench: GoldenBench,
): Promise<readonly GoldenCheck[]> {
  if (entry.call.startsWith("taesd")) return runTaesd(entry, golden, bench);
  const { vae } = await partsOfModel(bench, entry.model as string);
  const { config, weights } = vae!;
  const factor = entry.parameters.scaling_factor as number;
  const names = Object.keys(entry.outputs);
  if (entry.call.startsWith("vae.decode")) {
    const latents = golden.get("latents")!;
    const [batch, , height, width] = latents.shape as [number, number, number, number];
    const graph = tap(
      vaeDecoder(config, { batch, height, width }),
      names.filter((name) => name !== "image"),
    );
    const feeds = { latents: scaled(latents, (v) => v / factor) };
    const outputs = await runOnce(bench.runtime, graph, weights, feeds, AS_LOADED);
    return names.map((name) => checkTensor(name, outputs[name]!.data as Float32Array, golden, entry));
  }
  const image = golden.get("image")!;
  const [batch, , height, width] = image.shape as [number, number, number, number];
  const encoder = vaeEncoder(config, { batch, height, width });
  const { mean, logvar } = await runOnce(bench.runtime, encoder, weights, { image }, AS_LOADED);
  const [means, logvars] = [mean!.data as Float32Array, logvar!.data as Float32Array];
  const noise = golden.get("noise")!.data as Float32Array;
  const made = new Map<string, ArrayLike<number>>([
    ["mean", means],
    ["logvar", logvars],
    ["latents", means.map((v) => v * factor)],
    ["sampled", means.map((v, i) => (v + Math.exp(0.5 * logvars[i]!) * noise[i]!) * factor)],
  ]);
  return names.map((name) => checkTensor(name, made.get(name)!, golden, entry));
}

async function runTaesd(
  entry: GoldenEntry,
  golden: GoldenTensors,
  bench: GoldenBench,
): Promise<readonly GoldenCheck[]> {
  const decode = entry.call.startsWith("taesd.decode");
  const specs = (entry.parameters.models as readonly string[] | undefined) ?? [entry.model as string];
  const checks: GoldenCheck[] = [];
  for (const spec of specs) {
    const { weights } = await openSafetensors(await bench.model(spec));
    const part = taesdPart(weights) as TaesdPart;
    if (decode ? !part.decoder : !part.encoder) continue;
    const [input, output] = decode ? ["latents", "image"] : ["image", "latents"];
    const tensor = golden.get(input!)!;
    const [batch, , height, width] = tensor.shape as [number, number, number, number];
    const graph = (decode ? taesdDecoder : taesdEncoder)(part.config, { batch, height, width });
    const outputs = await runOnce(bench.runtime, graph, part.weights, { [input!]: tensor });
    const check = checkTensor(output!, outputs[output!]!.data as Float32Array, golden, entry);
    checks.push({ ...check, name: `${check.name} (${spec})` });
  }
  return checks;
}
