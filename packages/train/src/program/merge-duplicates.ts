// Graph -> Graph: nodes that compute the same from the same are one node (hash-consing). Objectives are put together from whole networks, so
// a network read with and without gradients, or for two losses, is there twice; after this pass it is computed once.
import type { ConstantValue, Graph, Node, Value } from "@fewstep/core";

/** Constants up to this many elements are compared by value, larger ones by their array. */
const COMPARED = 64;

export function mergeDuplicates(graph: Graph): Graph {
  const first = new Map<string, Value>();
  const replaced = new Map<string, Value>();
  const arrays = new Map<object, number>();
  const settle = (key: string, value: Value): boolean => {
    const known = first.get(key);
    if (known === undefined) first.set(key, value);
    else replaced.set(value.id, known);
    return known === undefined;
  };
  const keyOf = ({ dtype, shape, data }: ConstantValue): string => {
    if (data.length <= COMPARED) return `${dtype}[${shape}]${data.join()}`;
    if (!arrays.has(data)) arrays.set(data, arrays.size);
    return `${dtype}[${shape}]#${arrays.get(data)}`;
  };
  const constants = graph.constants.filter((constant) => settle(keyOf(constant), constant));
  const nodes: Node[] = [];
  for (const node of graph.nodes) {
    const inputs = node.inputs.map((input) => input && (replaced.get(input.id) ?? input));
    const key = `${node.op}${JSON.stringify(node.attributes)}(${inputs.map((input) => input?.id ?? "").join("\n")})`;
    if (settle(key, node.output)) nodes.push({ ...node, inputs } as Node);
  }
  const final = (value: Value): Value => replaced.get(value.id) ?? value;
  return {
    ...graph,
    constants,
    nodes,
    outputs: graph.outputs.map(({ name, value }) => ({ name, value: final(value) })),
    modules: new Map([...graph.modules].map(([name, value]) => [name, final(value)])),
  };
}
