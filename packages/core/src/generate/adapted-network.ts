// A network's session with the adapters that act on it. Branched adapters take their strength at every run; nothing is reloaded.
import { type ActiveAdapter, adapterOnNetwork } from "../families/adapter-fit.js";
import type { NetworkId } from "../families/adapter-names.js";
import type { Graph } from "../graph/graph.js";
import type { CastPolicy } from "../graph/onnx/compile.js";
import { withAdapterBranches } from "../graph/passes/adapter-branches.js";
import { foldAdapters } from "../graph/passes/adapter-fold.js";
import { strengthInput } from "../graph/passes/adapter-parts.js";
import { computeOnce } from "../session/compute-once.js";
import type { Runtime, Session } from "../session/session.js";
import type { Tensor } from "../tensor/tensor.js";
import { multiplies } from "../weights/adapters/adapter.js";
import { overlay } from "../weights/views.js";
import type { Weights } from "../weights/weights.js";

export interface NetworkSource {
  readonly network: NetworkId;
  readonly graph: Graph;
  readonly weights: Weights;
  readonly adapters: readonly ActiveAdapter[];
  readonly casts: CastPolicy;
  /** Default "branches", but "folded" where an adapter multiplies weights and none changes its strength by step. */
  readonly form?: AdapterForm | undefined;
}

/**
 * "branches": beside the layers, at once and about a fifth of a step dearer at rank 64. "folded": into private copies of the weights
 * before the run, which costs time once and disk space. Measured break-even: about 60 calls of SD1.5's UNet.
 */
export type AdapterForm = "branches" | "folded";

export interface AdaptedSession {
  readonly session: Session;
  /**
   * Feeds the graph's own inputs; the strengths are fed from the adapters that the session was loaded with.
   * @param step which of an adapter's strengths counts, where it has one for each step
   */
  run(
    feeds: Readonly<Record<string, Tensor>>,
    signal?: AbortSignal,
    step?: number,
  ): Promise<Readonly<Record<string, Tensor>>>;
}

type PresentAdapter = NonNullable<ReturnType<typeof adapterOnNetwork>>;

/** What multiplies weights (OFT, GLoRA, IA3) would be computed anew in every call. */
function usualForm(present: readonly PresentAdapter[]): AdapterForm {
  const changing = present.some(({ strengthSteps }) => strengthSteps !== undefined);
  const multiplying = present.some(({ deltas }) => deltas.some(({ delta }) => multiplies(delta)));
  return multiplying && !changing ? "folded" : "branches";
}

/** Loads a graph with its adapters. */
export async function loadAdapted(
  runtime: Runtime,
  source: NetworkSource,
  signal?: AbortSignal,
): Promise<AdaptedSession> {
  const { network, graph, weights, adapters, casts } = source;
  const present = adapters.flatMap(({ id, fit, ...request }) => adapterOnNetwork(id, fit, request, network) ?? []);
  const form = source.form ?? usualForm(present);
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
  const fed = present.filter(({ id }) => inputs.has(strengthInput(id)));
  const strengthsAt = (step: number) =>
    fed.map(({ id, strength, strengthSteps }) => {
      // a second pass goes on with the last one
      const now = strengthSteps?.[step] ?? strengthSteps?.at(-1) ?? strength;
      return [strengthInput(id), { dtype: "f32", shape: [], data: Float32Array.of(now) } as const] as const;
    });
  return {
    session,
    run: (feeds, stop, step = 0) =>
      session.run({ ...feeds, ...Object.fromEntries(strengthsAt(step)) }, stop ? { signal: stop } : {}),
  };
}
