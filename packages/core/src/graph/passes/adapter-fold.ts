// Folding: W' = W + sum of strength * delta, once, before the network is loaded. Small graphs of a few weights each are computed by
// the runtime (f32 products and sums, whatever the files store) and their results streamed to a sink, so memory holds two batches.
// Only weights that an adapter touches are written; all others stay in the user's file.
import { FewstepError } from "../../errors.js";
import { fromFloat32 } from "../../tensor/convert.js";
import { elementCount } from "../../tensor/shape.js";
import type { Tensor } from "../../tensor/tensor.js";
import { deltaTensors } from "../../weights/adapters/delta-size.js";
import { overlay } from "../../weights/views.js";
import { type LazyTensor, type Weights, weightsOf } from "../../weights/weights.js";
import type { Graph, GraphOutput, WeightValue } from "../graph.js";
import { deltasByParameter } from "./adapter-branches.js";
import { adaptedWeight } from "./adapter-delta.js";
import { AdapterParts, type NetworkAdapter, strengthInput } from "./adapter-parts.js";
import type { FoldSink } from "./fold-sink.js";

/** Loads a graph, runs it once, lets it go; answers its outputs by name. */
export type ComputeOnce = (
  graph: Graph,
  weights: Weights,
  feeds: Readonly<Record<string, Tensor>>,
  signal?: AbortSignal,
) => Promise<Readonly<Record<string, Tensor>>>;

export interface FoldOptions {
  readonly compute: ComputeOnce;
  readonly sink: FoldSink;
  /** Bytes of weights and factors that are computed with at once; the largest weight of SDXL alone has 118 MB. Default 64 MiB. */
  readonly batchBytes?: number;
  readonly signal?: AbortSignal;
}

const BATCH_BYTES = 2 ** 26;

type Strengths = ReadonlyMap<string, number>;
type Deltas = ReturnType<typeof deltasByParameter>;
type FoldedAdapter = NetworkAdapter & { readonly strength: number };

/** Computes parameters of one network with its adapters in them, a few at a time. */
export interface ParameterFolder {
  /** Parameters that an adapter changes. */
  readonly touched: ReadonlySet<string>;
  /** Bytes of one, and of the factors that change it, in single precision. */
  bytesOf(name: string): number;
  /** The named ones, float32 in the shape that the network has. Throws `folded-not-finite` (kind `failed`). */
  fold(names: readonly string[], signal?: AbortSignal): Promise<Readonly<Record<string, Tensor>>>;
}

/** Throws `adapter-twice`. */
export function parameterFolder(
  base: Weights,
  adapters: readonly FoldedAdapter[],
  compute: ComputeOnce,
): ParameterFolder {
  const active = adapters.filter(({ strength }) => strength !== 0);
  const byParameter = deltasByParameter(active);
  const strengths: Strengths = new Map(active.map(({ id, strength }) => [id, strength]));
  return {
    touched: new Set(byParameter.keys()),
    bytesOf(name) {
      const factors = byParameter.get(name)!.flatMap(({ placed }) => deltaTensors(placed.delta));
      return 4 * [base.get(name)!, ...factors].reduce((sum, { shape }) => sum + elementCount(shape), 0);
    },
    async fold(names, signal) {
      const { graph, weights } = foldGraph(base, byParameter, names);
      const outputs = await compute(graph, weights, feedsOf(graph, strengths), signal);
      for (const [name, { data }] of Object.entries(outputs)) checkFinite(name, data as Float32Array);
      return outputs;
    },
  };
}

/**
 * The base weights with the adapters folded in at the given strengths (by adapter id), float32. The sink is finished; on an error it is
 * discarded. Throws `adapter-twice`, `folded-not-finite` (kind `failed`), and what the runtime and the sink throw.
 */
export async function foldAdapters(
  base: Weights,
  adapters: readonly FoldedAdapter[],
  { compute, sink, batchBytes = BATCH_BYTES, signal }: FoldOptions,
): Promise<Weights> {
  const { touched, bytesOf, fold } = parameterFolder(base, adapters, compute);
  const folded: { readonly name: string; readonly shape: readonly number[]; readonly offset: number }[] = [];
  let offset = 0;
  const store = async (outputs: Readonly<Record<string, Tensor>>): Promise<void> => {
    for (const [name, { shape, data }] of Object.entries(outputs)) {
      const bytes = fromFloat32(data as Float32Array, "f32");
      folded.push({ name, shape, offset });
      offset += bytes.byteLength;
      await sink.write(bytes, signal);
    }
  };
  // one batch is stored while the next is computed
  let storing = Promise.resolve();
  try {
    for (const names of batches(touched, bytesOf, batchBytes)) {
      const outputs = await fold(names, signal);
      await storing;
      storing = store(outputs);
      // seen when it is awaited; here only kept from counting as unhandled
      storing.catch(() => {});
    }
    await storing;
    const file = await sink.finish();
    const tensors = folded.map((one): readonly [string, LazyTensor] => {
      const byteLength = 4 * one.shape.reduce((a, b) => a * b, 1);
      return [one.name, { ...one, dtype: "f32", file, byteLength }];
    });
    return overlay(base, weightsOf(tensors));
  } catch (error) {
    await storing.catch(() => {});
    await sink.discard();
    throw error;
  }
}

/** Touched parameters, a batch of at most `limit` bytes (or one alone) at a time. */
function* batches(
  touched: ReadonlySet<string>,
  bytesOf: (name: string) => number,
  limit: number,
): Generator<readonly string[]> {
  let batch: string[] = [];
  let bytes = 0;
  for (const name of touched) {
    const size = bytesOf(name);
    if (batch.length > 0 && bytes + size > limit) {
      yield batch;
      batch = [];
      bytes = 0;
    }
    batch.push(name);
    bytes += size;
  }
  if (batch.length > 0) yield batch;
}

function foldGraph(base: Weights, byParameter: Deltas, names: readonly string[]): { graph: Graph; weights: Weights } {
  const parts = new AdapterParts();
  const own: WeightValue[] = [];
  const outputs = names.map((name): GraphOutput => {
    const weight: WeightValue = { id: name, dtype: "f32", shape: base.get(name)!.shape };
    own.push(weight);
    return { name, value: adaptedWeight(parts, weight, byParameter.get(name)!) };
  });
  const graph: Graph = {
    name: "fold",
    inputs: parts.inputs(),
    outputs,
    weights: [...own, ...parts.weightValues()],
    constants: parts.constants,
    nodes: parts.nodes,
    modules: new Map(),
  };
  return { graph, weights: overlay(base, parts.weights()) };
}

function feedsOf(graph: Graph, strengths: Strengths): Readonly<Record<string, Tensor>> {
  const ids = [...strengths.keys()].filter((id) => graph.inputs.some((input) => input.id === strengthInput(id)));
  return Object.fromEntries(
    ids.map((id) => [strengthInput(id), { dtype: "f32", shape: [], data: Float32Array.of(strengths.get(id)!) }]),
  );
}

function checkFinite(name: string, values: Float32Array): void {
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    if (value - value === 0) continue;
    throw new FewstepError({
      code: "folded-not-finite",
      kind: "failed",
      message: `folding the adapters made ${JSON.stringify(name)} overflow`,
      found: `${value} at element ${i}`,
      expected: "finite numbers",
      hint: "lower the strength, or leave out the adapter whose numbers are not finite",
    });
  }
}
