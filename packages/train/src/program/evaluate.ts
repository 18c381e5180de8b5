// A graph over flat residents that changes none: encoding pictures, sampling, validation losses.
import { type Graph, GraphBuilder, prune } from "@fewstep/core";
import { mergeDuplicates } from "./merge-duplicates.js";
import type { Program } from "./program.js";
import { bindSources, type Source } from "./sources.js";

export function evaluate(name: string, graph: Graph, sources: readonly Source[]): Program {
  const b = new GraphBuilder(name);
  const residents = new Set<string>();
  const vectors = new Map<string, ReturnType<typeof b.input>>();
  const vectorOf = (resident: string, length: number) => {
    const known = vectors.get(resident) ?? b.input(resident, [length]);
    vectors.set(resident, known);
    residents.add(resident);
    return known;
  };
  const outputs = b.include(graph, bindSources(b, graph, sources, vectorOf), "net:");
  return {
    name,
    graph: prune(mergeDuplicates(b.finish([...outputs].map(([output, value]) => ({ name: output, value }))))),
    residents,
    updates: new Map(),
  };
}
