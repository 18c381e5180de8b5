// Networks as functions over a builder: a call copies the network's graph into the graph under construction, at the batch of its inputs.
// `nameOf` says what each weight is called there: the key to who owns it (see program/sources.ts).
import {
  type ClipTextConfig,
  clipText,
  type Graph,
  type GraphBuilder,
  prune,
  type UnetConfig,
  unet,
  type Value,
} from "@fewstep/core";

export type NameOf = (weight: string) => string;

export interface DenoiserInputs {
  /** [N, C, h, w] */
  readonly sample: Value;
  /** [N, W] */
  readonly timeFeatures: Value;
  /** [N, T, D] */
  readonly context: Value;
}

/** The raw network call. `tag` keeps the ids of several calls apart. */
export type Network = (b: GraphBuilder, tag: string, inputs: DenoiserInputs) => Value;

/** Includes `graph` with its weights renamed; answers its outputs. */
export function includeNamed(
  b: GraphBuilder,
  graph: Graph,
  inputs: Readonly<Record<string, Value>>,
  nameOf: NameOf,
  tag: string,
): ReadonlyMap<string, Value> {
  const feeds = new Map<string, Value>(Object.entries(inputs));
  for (const { id, shape } of graph.weights) feeds.set(id, b.weight(nameOf(id), shape));
  // module names would say nothing in the joined graph, and those of pruned modules have no value there
  return b.include({ ...graph, modules: new Map() }, feeds, `${tag}:`);
}

/** Inputs that a network has beside the three, for a batch of `count`: SDXL's `addition`. */
export type Beside = (b: GraphBuilder, count: number) => Readonly<Record<string, Value>>;

/** @param adapt a pass over the network's graph, such as adapter branches. */
export function unetNetwork(
  config: UnetConfig,
  nameOf: NameOf,
  adapt: (graph: Graph) => Graph = (graph) => graph,
  beside: Beside = () => ({}),
): Network {
  return (b, tag, { sample, timeFeatures, context }) => {
    const [batch, , height, width] = sample.shape as [number, number, number, number];
    const graph = adapt(unet(config, { batch, height, width, tokens: context.shape[1]! }));
    const inputs = { sample, time_features: timeFeatures, context, ...beside(b, batch) };
    return includeNamed(b, graph, inputs, nameOf, tag).get("noise")!;
  };
}

/** Name of the token table among a text tower's weights, as in checkpoints. */
export const TOKEN_TABLE = "text_model.embeddings.token_embedding.weight";

/**
 * Text states [N, T, D] of `tokens` [N, T]: rows of a table of `rows` tokens, as floats. The look-up is a product with
 * max(0, 1 - |token - row|), exact for whole numbers: its gradient is a product too, where a gather's would be a scatter.
 */
export function textStates(
  b: GraphBuilder,
  config: ClipTextConfig,
  rows: number,
  tokens: Value,
  nameOf: NameOf,
  tag: string,
): Value {
  const [batch, length] = tokens.shape as [number, number];
  const table = b.weight(nameOf(TOKEN_TABLE), [rows, config.width]);
  const column = b.op("Reshape", [tokens], { shape: [batch * length, 1] });
  const numbers = b.constant(
    [1, rows],
    Float32Array.from({ length: rows }, (_, i) => i),
  );
  const distance = b.op("Abs", [b.op("Sub", [column, numbers])]);
  const oneHot = b.op("Relu", [b.op("Affine", [distance], { scale: -1, shift: 1 })]);
  const looked = b.op("MatMul", [oneHot, table], { transposeA: false, transposeB: false });
  const embedded = b.op("Reshape", [looked], { shape: [batch, length, config.width] });
  const graph = prune(clipText(config, { batch, tokens: length, skip: 1, normed: true, pooled: false }));
  // the end token matters to the pooled state alone, which is pruned away
  return includeNamed(b, graph, { embedded, end_token: tokens }, nameOf, tag).get("states")!;
}
