// A network's session with the adapters that act on it. Branched adapters take their strength at every run; nothing is reloaded.
import type { AdapterFit } from "../families/adapter-fit.js";
import { adapterOnNetwork } from "../families/adapter-fit.js";
import type { NetworkId } from "../families/adapter-names.js";
import type { Graph } from "../graph/graph.js";
import type { CastPolicy } from "../graph/onnx/compile.js";
import { withAdapterBranches } from "../graph/passes/adapter-branches.js";
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
}

export interface AdaptedSession {
  readonly session: Session;
  /** Feeds the graph's own inputs; the strengths are fed from the adapters that the session was loaded with. */
  run(feeds: Readonly<Record<string, Tensor>>, signal?: AbortSignal): Promise<Readonly<Record<string, Tensor>>>;
}

/** Loads a graph with its adapters as branches. */
export async function loadAdapted(
  runtime: Runtime,
  source: NetworkSource,
  signal?: AbortSignal,
): Promise<AdaptedSession> {
  const { network, graph, weights, adapters, casts } = source;
  const present = adapters.flatMap(({ id, fit, ...request }) => adapterOnNetwork(id, fit, request, network) ?? []);
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
