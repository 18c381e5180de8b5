// Runs a graph in doubles, in plain TypeScript: what gradients are compared with. For tests only.
import type { Graph } from "@fewstep/core";
import { type Nd, nd } from "./nd.test.fixture.js";
import { compute } from "./ops.test.fixture.js";

/** Feeds are by id of inputs and weights; answers the outputs by name. */
export function interpret(graph: Graph, feeds: ReadonlyMap<string, Nd>): ReadonlyMap<string, Nd> {
  const values = new Map(feeds);
  for (const { id, shape, data } of graph.constants) values.set(id, nd(shape, Array.from(data, Number)));
  const held = (id: string): Nd => {
    const value = values.get(id);
    if (value === undefined) throw new RangeError(`nothing was fed as ${id}`);
    return value;
  };
  for (const node of graph.nodes) {
    const inputs = node.inputs.flatMap((input) => (input === undefined ? [] : [held(input.id)]));
    values.set(node.output.id, compute(node, inputs));
  }
  return new Map(graph.outputs.map(({ name, value }) => [name, held(value.id)]));
}
