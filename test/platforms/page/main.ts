// What the browser test drives: runs a golden pipeline on a checkpoint that the page was given as a File.
import { FewstepError, type Runtime, weightsOf } from "@fewstep/core";
import { type WebDevice, type WebOrtModule, webRuntime } from "@fewstep/core/web";
import * as ort from "onnxruntime-web/jspi";
import mjs from "onnxruntime-web/ort-wasm-simd-threaded.jspi.mjs?url";
import wasm from "onnxruntime-web/ort-wasm-simd-threaded.jspi.wasm?url";
import type { GoldenBench, GoldenCheck, GoldenEntry } from "../../golden/golden-case.js";
import { goldenTensors } from "../../golden/golden-tensors.js";
import { pipelineCase } from "../../golden/pipelines/pipeline.js";
import { mixedGraph } from "../mixed-graph.js";

// its threads load this module: inside the page's own bundle they would run the page again
ort.env.wasm.wasmPaths = { mjs, wasm };

export interface PageRun {
  readonly checks: readonly GoldenCheck[];
  readonly threads: number;
  readonly fusedAttention: boolean;
}

/** Says in the console where each node of a session is placed. */
const talking: WebOrtModule = {
  env: ort.env,
  Tensor: ort.Tensor as unknown as WebOrtModule["Tensor"],
  InferenceSession: {
    create: async (model, options) =>
      (await ort.InferenceSession.create(model, { ...options, logSeverityLevel: 0 })) as unknown as Awaited<
        ReturnType<WebOrtModule["InferenceSession"]["create"]>
      >,
  },
};

function benchOf(model: File, runtime: Runtime): GoldenBench {
  const golden = async (path: string) => (await fetch(`/golden/${path}`)).blob();
  return {
    runtime,
    path: (relative) => relative,
    model: async () => ({ name: model.name, blob: model }),
    json: async (relative) => JSON.parse(await (await golden(relative)).text()),
    tensors: async (relative) => goldenTensors({ name: relative, blob: await golden(relative) }),
    entry: () => undefined,
  };
}

async function runGolden(model: File, device: WebDevice, id: string): Promise<PageRun> {
  const runtime = webRuntime({ device, ort: talking });
  const bench = benchOf(model, runtime);
  const { goldens } = (await bench.json("index.json")) as { readonly goldens: Readonly<Record<string, GoldenEntry>> };
  const one = pipelineCase(id, goldens[id]!, bench);
  if ("skip" in one) throw new Error(one.skip);
  try {
    const checks = await one.run();
    const { dialect } = await runtime.probe();
    return { checks, threads: runtime.threads, fusedAttention: dialect.fusedAttention };
  } finally {
    await runtime.dispose();
  }
}

/** The code of the error that a graph meets which needs the CPU, or "loaded". */
async function loadMixed(device: WebDevice): Promise<string> {
  const runtime = webRuntime({ device, ort: talking, threads: 1 });
  try {
    await runtime.load(mixedGraph(), weightsOf([]));
    return "loaded";
  } catch (error) {
    if (error instanceof FewstepError) return error.code;
    throw error;
  } finally {
    await runtime.dispose();
  }
}

Object.assign(globalThis, { runGolden, loadMixed });
