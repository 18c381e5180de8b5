// A network's session with the adapters that act on it. Branched adapters take their strength at every run; nothing is reloaded.
import type { AdapterFit } from "../families/adapter-fit.js";
import { adapterOnNetwork } from "../families/adapter-fit.js";
import type { NetworkId } from "../families/adapter-names.js";
import type { Graph } from "../graph/graph.js";
import type { CastPolicy } from "../graph/onnx/compile.js";
import { withAdapterBranches } from "../graph/passes/adapter-branches.js";
import { type ComputeOnce, foldAdapters } from "../graph/passes/adapter-fold.js";
import { strengthInput } from "../graph/passes/adapter-parts.js";
import type { Runtime, Session } from "../session/session.js";
import type { Tensor } from "../tensor/tensor.js";
import type { AdapterRequest } from "../weights/adapters/adapter.js";
import { overlay } from "../weights/views.js";
import type { Weights } from "../weights/weights.js";

/** An adapter fitted to the checkpoint, with the strengths that are asked for. */
export interface ActiveAdapter extends Omit<AdapterRequest, "adapter"> {
  /** Unique in a pipeline. */
  readonly id: string;
  readonly fit: AdapterFit;
}

export interface NetworkSource {
  readonly network: NetworkId;
  readonly graph: Graph;
  readonly weights: Weights;
  readonly adapters: readonly ActiveAdapter[];
  readonly casts: CastPolicy;
  /** Default "branches". */
  readonly form?: AdapterForm;
}

/**
 * "branches": beside the layers, at once and about a fifth of a step dearer at rank 64. "folded": into private copies of the weights
 * before the run, which costs time once and disk space. Measured break-even: about 60 calls of SD1.5's UNet.
 */
export type AdapterForm = "branches" | "folded";

export interface AdaptedSession {
  readonly session: Session;
  /** Feeds the graph's own inputs; the strengths are fed from the adapters that the session was loaded with. */
  run(feeds: Readonly<Record<string, Tensor>>, signal?: AbortSignal): Promise<Readonly<Record<string, Tensor>>>;
}

/** Loads a graph with its adapters. */
export async function loadAdapted(
  runtime: Runtime,
  source: NetworkSource,
  signal?: AbortSignal,
): Promise<AdaptedSession> {
  const { network, graph, weights, adapters, casts, form = "branches" } = source;
  const present = adapters.flatMap(({ id, fit, ...request }) => adapterOnNetwork(id, fit, request, network) ?? []);
  const sink = form === "folded" && present.length > 0 ? runtime.foldSink?.() : undefined;
  if (sink !== undefined) {
    const compute = computeOnce(runtime);
    const folded = await foldAdapters(weights, present, { compute, sink, ...(signal && { signal }) });
    try {
      const session = await runtime.load(graph, folded, { casts, ...(signal && { signal }) });
      return { session, run: (feeds, stop) => session.run(feeds, stop ? { signal: stop } : {}) };
    } finally {
      // the runtime has mapped what it needs
      await sink.discard();
    }
  }
  const branched = withAdapterBranches(graph, present);
  const session = await runtime.load(branched.graph, overlay(weights, branched.weights), {
    casts,
    ...(signal && { signal }),
  });
  const inputs = new Set(branched.graph.inputs.map(({ id }) => id));
  const strengths: Record<string, Tensor> = {};
  for (const { id, strength } of present) {
    const name = strengthInput(id);
    if (inputs.has(name)) strengths[name] = { dtype: "f32", shape: [], data: Float32Array.of(strength) };
  }
  return { session, run: (feeds, stop) => session.run({ ...feeds, ...strengths }, stop ? { signal: stop } : {}) };
}

function computeOnce(runtime: Runtime): ComputeOnce {
  return async (graph, weights, feeds, signal) => {
    const session = await runtime.load(graph, weights, signal ? { signal } : {});
    try {
      return await session.run(feeds, signal ? { signal } : {});
    } finally {
      await session.dispose();
    }
  };
}
