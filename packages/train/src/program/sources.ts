// Binds the weights of an objective to flat residents. An objective names its weights; a source says which vector holds the weights whose
// names start with its prefix. The same vector may stand behind two prefixes: "unet." trained and "frozen:unet." as the same numbers
// without a gradient, which is how a stop-gradient is written here (what both compute alike is merged afterwards).
import type { Graph, GraphBuilder, Value } from "@fewstep/core";
import type { FlatLayout } from "../flat/layout.js";
import { sliceFlat } from "../flat/slices.js";

export interface Source {
  readonly resident: string;
  readonly layout: FlatLayout;
  /** Put before an entry's name to give the weight's name in the graph. */
  readonly prefix: string;
}

/** Prefix of weights that are read without a gradient. */
export const FROZEN = "frozen:";

/** The graph's weights found in `sources`, as slices of `vectorOf(resident)`. */
export function bindSources(
  b: GraphBuilder,
  graph: Graph,
  sources: readonly Source[],
  vectorOf: (resident: string, length: number) => Value,
): ReadonlyMap<string, Value> {
  const wanted = new Set(graph.weights.map(({ id }) => id));
  const bound = new Map<string, Value>();
  const slices = new Map<string, Value>();
  for (const { resident, layout, prefix } of sources) {
    if (!layout.entries.some(({ name }) => wanted.has(prefix + name))) continue;
    const vector = vectorOf(resident, layout.length);
    const fresh = sliceFlat(b, vector, layout, (name) => wanted.has(prefix + name) && !slices.has(resident + name));
    for (const [name, value] of fresh) slices.set(resident + name, value);
    for (const { name } of layout.entries) {
      if (wanted.has(prefix + name)) bound.set(prefix + name, slices.get(resident + name)!);
    }
  }
  return bound;
}

/** Feeds that give every weight of `graph` a prefix: for `GraphBuilder.include`. */
export function prefixed(b: GraphBuilder, graph: Graph, prefix: string): ReadonlyMap<string, Value> {
  return new Map(graph.weights.map(({ id, shape }) => [id, b.weight(prefix + id, shape)]));
}
