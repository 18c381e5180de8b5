// A runtime that remembers what each run answered, so that a case can be compared twice and computed once. A run counts as known only if
// the same case asked for the same graph with the same bytes fed; everything else is computed.
import { createHash } from "node:crypto";
import type { Graph, Runtime, Session, Tensor } from "@fewstep/core";

type Tensors = Readonly<Record<string, Tensor>>;

function keyOf(graph: Graph, feeds: Tensors): string {
  const hash = createHash("sha256").update(JSON.stringify([graph.nodes.length, graph.weights.length, graph.outputs]));
  for (const name of Object.keys(feeds).sort()) {
    const { dtype, shape, data } = feeds[name]!;
    hash.update(JSON.stringify([name, dtype, shape]));
    hash.update(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  }
  return hash.digest("hex");
}

/** Receivers may write into what they get. */
const copied = (tensors: Tensors): Tensors =>
  Object.fromEntries(
    Object.entries(tensors).map(([name, tensor]) => [name, { ...tensor, data: tensor.data.slice() } as Tensor]),
  );

export interface ReplayedRuntime {
  /** Computes, and remembers in order. */
  readonly recording: Runtime;
  /** Answers what was remembered, from its first run on and in the same order, without loading anything. */
  replay(): Runtime;
}

export function replayedRuntime(runtime: Runtime): ReplayedRuntime {
  const known: { readonly key: string; readonly outputs: Tensors }[] = [];
  const dispose = async () => {};
  const recording: Runtime = {
    device: runtime.device,
    dispose,
    async load(graph, weights, options) {
      const session = await runtime.load(graph, weights, options);
      const run: Session["run"] = async (feeds, stop) => {
        const key = keyOf(graph, feeds);
        const outputs = await session.run(feeds, stop);
        known.push({ key, outputs: copied(outputs) });
        return outputs;
      };
      return Object.create(session, { run: { value: run } }) as Session;
    },
  };
  const replay = (): Runtime => {
    let replayed = 0;
    const load: Runtime["load"] = async (graph) => {
      const run: Session["run"] = async (feeds) => {
        const next = known[replayed++];
        if (next?.key !== keyOf(graph, feeds)) throw new RangeError("the second comparison asks for another run");
        return copied(next.outputs);
      };
      return { graph, createSeconds: 0, runSeconds: 0, run, dispose };
    };
    return { device: runtime.device, dispose, load };
  };
  return { recording, replay };
}
