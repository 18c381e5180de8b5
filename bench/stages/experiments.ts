// What was tried to be faster than it is (docs/performance): one change at a time against the usual form, on one thread unless it is about
// threads. Seconds are those that the process computed, so that a busy machine does not change them much; least of five.
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  CPU,
  compile,
  type Dialect,
  type Graph,
  openSafetensors,
  partsOf,
  unet,
  vaeDecoder,
  type Weights,
} from "@fewstep/core";
import { openFile } from "@fewstep/core/node";
import * as ort from "onnxruntime-node";
import { withExplicitNorms } from "../explicit-norms.js";
import { model } from "../models.js";

const ROUNDS = 5;

interface Form {
  readonly dialect?: Dialect;
  readonly optimisation?: "extended" | "all";
  readonly spinning?: boolean;
  readonly winograd?: boolean;
  readonly threads?: number;
}

interface Took {
  readonly cpu_s: number;
  readonly wall_s: number;
}

function feedsOf(graph: Graph): Record<string, ort.Tensor> {
  return Object.fromEntries(
    graph.inputs.map(({ id, shape }) => {
      const data = Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => Math.sin(i));
      return [id, new ort.Tensor("float32", data, shape)];
    }),
  );
}

/** A session in this process: nothing between the bench and the runtime. */
function open(
  graph: Graph,
  weights: Weights,
  { dialect = CPU, optimisation = "extended", spinning = true, winograd = false, threads = 1 }: Form,
  profile?: string,
): Promise<ort.InferenceSession> {
  const { model: bytes } = compile(graph, weights, {
    dialect,
    casts: "early",
    winograd,
    locate: ({ file, offset }) => ({ location: file.path!.slice(1), offset }),
  });
  return ort.InferenceSession.create(bytes, {
    ...(profile === undefined ? {} : { enableProfiling: true, profileFilePrefix: profile }),
    executionProviders: ["cpu"],
    graphOptimizationLevel: optimisation,
    logSeverityLevel: 3,
    intraOpNumThreads: threads,
    extra: {
      session: {
        disable_prepacking: "1",
        model_external_initializers_file_folder_path: "/",
        "intra_op.allow_spinning": spinning ? "1" : "0",
      },
    },
  });
}

async function run(graph: Graph, weights: Weights, form: Form): Promise<Took> {
  const session = await open(graph, weights, form);
  const feeds = feedsOf(graph);
  await session.run(feeds);
  const took: Took[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const [before, start] = [process.cpuUsage(), performance.now()];
    await session.run(feeds);
    const { user, system } = process.cpuUsage(before);
    took.push({ cpu_s: (user + system) / 1e6, wall_s: (performance.now() - start) / 1e3 });
  }
  await session.release();
  const least = (of: keyof Took) => Math.min(...took.map((one) => one[of]));
  return {
    cpu_s: least("cpu_s"),
    wall_s: least("wall_s"),
  };
}

async function against(graph: Graph, weights: Weights, forms: Readonly<Record<string, Form>>) {
  const rows: Record<string, Took> = {};
  for (const [name, form] of Object.entries(forms)) rows[name] = await run(graph, weights, form);
  return rows;
}

interface ProfiledEvent {
  readonly cat: string;
  readonly dur: number;
  readonly args?: { readonly op_name?: string };
}

/** Parts of the seconds of a call, by the runtime's op. */
async function profileOf(graph: Graph, weights: Weights): Promise<Readonly<Record<string, number>>> {
  const folder = mkdtempSync(join(tmpdir(), "fewstep-profile-"));
  const session = await open(graph, weights, {}, join(folder, "run"));
  await session.run(feedsOf(graph));
  session.endProfiling();
  await session.release();
  const events = readdirSync(folder).flatMap(
    (name) => JSON.parse(readFileSync(join(folder, name), "utf8")) as readonly ProfiledEvent[],
  );
  rmSync(folder, { recursive: true });
  const sums = new Map<string, number>();
  for (const { cat, dur, args } of events)
    if (cat === "Node" && args?.op_name !== undefined) sums.set(args.op_name, (sums.get(args.op_name) ?? 0) + dur);
  const total = [...sums.values()].reduce((a, b) => a + b, 0);
  const parts = [...sums].sort(([, a], [, b]) => b - a).map(([op, sum]) => [op, sum / total] as const);
  return Object.fromEntries(parts);
}

/** Each prints its figures as it ends: all of them take many minutes. */
export async function experiments(threads: number) {
  const { weights } = await openSafetensors(await openFile(model("sd15-full")));
  const { unet: denoiser, vae } = partsOf(weights);
  const decoder = vaeDecoder(vae!.config, { batch: 1, height: 32, width: 32 });
  const step = unet(denoiser!.config, { batch: 1, height: 64, width: 64, tokens: 77 });
  const ofStep = (forms: Readonly<Record<string, Form>>) => () => against(step, denoiser!.weights, forms);
  const tries: Readonly<Record<string, () => Promise<unknown>>> = {
    vae_256_winograd: () => against(decoder, vae!.weights, { direct: {}, winograd: { winograd: true } }),
    unet_512_winograd: ofStep({ direct: {}, winograd: { winograd: true } }),
    unet_512_norms: async () => ({
      runtime: await run(step, denoiser!.weights, {}),
      explicit: await run(withExplicitNorms(step), denoiser!.weights, {}),
    }),
    vae_256_profile: () => profileOf(decoder, vae!.weights),
    vae_256_layout: () => against(decoder, vae!.weights, { nchw: {}, blocked_nchwc: { optimisation: "all" } }),
    unet_512_layout: ofStep({ nchw: {}, blocked_nchwc: { optimisation: "all" } }),
    unet_512_attention: ofStep({ fused: {}, explicit: { dialect: { ...CPU, fusedAttention: false } } }),
    unet_512_spinning: ofStep({ on: { threads }, off: { threads, spinning: false } }),
  };
  const found: Record<string, unknown> = {};
  for (const [name, work] of Object.entries(tries)) {
    found[name] = await work();
    console.log(name, JSON.stringify(found[name]));
  }
  return found;
}
