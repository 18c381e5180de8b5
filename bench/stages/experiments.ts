// What was tried to be faster than it is (docs/performance): one change at a time against the usual form, on one thread unless it is about
// threads. Seconds are those that the process computed, so that a busy machine does not change them much; least of five.
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
  weightsOf,
} from "@fewstep/core";
import { openFile } from "@fewstep/core/node";
import * as ort from "onnxruntime-node";
import { model } from "../models.js";
import { convolution, winograd } from "../winograd.js";

const ROUNDS = 5;
/** The layers of these graphs are constants. */
const NONE = weightsOf([]);

interface Form {
  readonly dialect?: Dialect;
  readonly optimisation?: "extended" | "all";
  readonly spinning?: boolean;
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
async function run(
  graph: Graph,
  weights: Weights,
  { dialect = CPU, optimisation = "extended", spinning = true, threads = 1 }: Form,
): Promise<Took & { readonly outputs: readonly Float32Array[] }> {
  const { model: bytes } = compile(graph, weights, {
    dialect,
    casts: "early",
    locate: ({ file, offset }) => ({ location: file.path!.slice(1), offset }),
  });
  const session = await ort.InferenceSession.create(bytes, {
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
  const feeds = feedsOf(graph);
  let outputs = await session.run(feeds);
  const took: Took[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const [before, start] = [process.cpuUsage(), performance.now()];
    outputs = await session.run(feeds);
    const { user, system } = process.cpuUsage(before);
    took.push({ cpu_s: (user + system) / 1e6, wall_s: (performance.now() - start) / 1e3 });
  }
  await session.release();
  const least = (of: keyof Took) => Math.min(...took.map((one) => one[of]));
  return {
    cpu_s: least("cpu_s"),
    wall_s: least("wall_s"),
    outputs: Object.values(outputs).map(({ data }) => data as Float32Array),
  };
}

const figures = ({ cpu_s, wall_s }: Took): Took => ({ cpu_s, wall_s });

async function against(graph: Graph, weights: Weights, forms: Readonly<Record<string, Form>>) {
  const rows: Record<string, Took> = {};
  for (const [name, form] of Object.entries(forms)) rows[name] = figures(await run(graph, weights, form));
  return rows;
}

/** The same convolution by ONNX Runtime and as Winograd's F(2x2, 3x3) in its ops. */
async function winogradLayers() {
  const rows: Record<string, unknown> = {};
  for (const [channels, side] of [
    [320, 64],
    [640, 32],
    [512, 64],
    [512, 128],
    [256, 256],
  ] as const) {
    const [direct, transformed] = [
      await run(convolution(channels, side), NONE, {}),
      await run(winograd(channels, side), NONE, {}),
    ];
    const [want, got] = [direct.outputs[0]!, transformed.outputs[0]!];
    const largest = want.reduce((most, x) => Math.max(most, Math.abs(x)), 0);
    rows[`${channels} channels at ${side}x${side}`] = {
      conv: figures(direct),
      winograd: figures(transformed),
      ratio: transformed.cpu_s / direct.cpu_s,
      relative_difference: want.reduce((most, x, i) => Math.max(most, Math.abs(x - got[i]!)), 0) / largest,
    };
  }
  return rows;
}

export async function experiments(threads: number) {
  const { weights } = await openSafetensors(await openFile(model("sd15-full")));
  const parts = partsOf(weights);
  const small = { batch: 1, height: 32, width: 32 };
  const large = { batch: 1, height: 64, width: 64 };
  const { unet: denoiser, vae } = parts;
  const decoder = vaeDecoder(vae!.config, small);
  const step = unet(denoiser!.config, { ...large, tokens: 77 });
  return {
    winograd: await winogradLayers(),
    layout_vae_256: await against(decoder, vae!.weights, {
      nchw: {},
      blocked_nchwc: { optimisation: "all" },
    }),
    layout_unet_512: await against(step, denoiser!.weights, {
      nchw: {},
      blocked_nchwc: { optimisation: "all" },
    }),
    attention_unet_512: await against(step, denoiser!.weights, {
      fused: {},
      explicit: { dialect: { ...CPU, fusedAttention: false } },
    }),
    spinning_unet_512: await against(step, denoiser!.weights, {
      on: { threads },
      off: { threads, spinning: false },
    }),
  };
}
