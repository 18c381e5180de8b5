// One UNet step and one VAE decoding of SD1.5 at 512x512, in turns with diffusers in f32 and bf16; median of five.
import { type Graph, openSafetensors, partsOf, type Tensor, unet, vaeDecoder, type Weights } from "@fewstep/core";
import { childRuntime, openFile } from "@fewstep/core/node";
import { median } from "../measure.js";
import { golden, model } from "../models.js";
import { Peer } from "../peer.js";

const ROUNDS = 5;
const LATENT = { batch: 1, height: 64, width: 64 };

function feedsOf(graph: Graph): Record<string, Tensor> {
  return Object.fromEntries(
    graph.inputs.map(({ id, shape }) => {
      const data = Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => Math.sin(i));
      return [id, { dtype: "f32", shape, data } as const];
    }),
  );
}

async function compare(what: "unet" | "vae", graph: Graph, weights: Weights, path: string, threads: number) {
  const runtime = childRuntime({ threads });
  const session = await runtime.load(graph, weights, { casts: "late", winograd: what === "vae" });
  const feeds = feedsOf(graph);
  const ours = async () => {
    const before = session.runSeconds;
    await session.run(feeds);
    return session.runSeconds - before;
  };
  await ours();
  const f32 = await Peer.start(path, golden, what, "f32", threads);
  const bf16 = await Peer.start(path, golden, what, "bf16", threads);
  const times = { fewstep: [] as number[], f32: [] as number[], bf16: [] as number[] };
  for (let round = 0; round < ROUNDS; round++) {
    times.fewstep.push(await ours());
    times.f32.push(await f32.call());
    times.bf16.push(await bf16.call());
  }
  f32.stop();
  bf16.stop();
  await runtime.dispose();
  const [mine, theirs, half] = [median(times.fewstep), median(times.f32), median(times.bf16)];
  return {
    fewstep_s: mine,
    diffusers_f32_s: theirs,
    diffusers_bf16_s: half,
    ratio_to_f32: mine / theirs,
    ratio_to_bf16: mine / half,
    rounds: times,
  };
}

export async function networks(threads: number) {
  const path = model("sd15-full");
  const { weights } = await openSafetensors(await openFile(path));
  const parts = partsOf(weights);
  return {
    unet_step: await compare(
      "unet",
      unet(parts.unet!.config, { ...LATENT, tokens: 77 }),
      parts.unet!.weights,
      path,
      threads,
    ),
    vae_decode: await compare("vae", vaeDecoder(parts.vae!.config, LATENT), parts.vae!.weights, path, threads),
  };
}
