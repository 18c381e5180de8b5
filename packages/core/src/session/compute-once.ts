// A graph's outputs once: loaded, run, let go. For products of weights that are needed one time each.
import type { ComputeOnce } from "../graph/passes/adapter-fold.js";
import type { Runtime } from "./session.js";

export function computeOnce(runtime: Runtime): ComputeOnce {
  return async (graph, weights, feeds, signal) => {
    const session = await runtime.load(graph, weights, signal ? { signal } : {});
    try {
      return await session.run(feeds, signal ? { signal } : {});
    } finally {
      await session.dispose();
    }
  };
}
