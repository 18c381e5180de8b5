// Reverse-mode differentiation as a pass Graph -> Graph: the backward pass becomes nodes of the same graph, so whatever runs the network
// runs its training, and gradients can be taken of gradients. Only paths from `wrt` to the loss are differentiated.
// With `cuts` the activations between cuts are computed again in the backward pass instead of being kept (Chen et al. 2016).
import { FewstepError, type Graph, GraphBuilder, type Node, prune, type Value } from "@fewstep/core";
import { add } from "./expressions.js";
import { gradientRules } from "./gradient-rules.js";
import { recompute } from "./recompute.js";
import type { GradientRule } from "./rule.js";

export interface GradientOptions {
  /** Positions in `graph.nodes`, ascending, where a new segment begins (see checkpointCuts). Default none: every activation is kept. */
  readonly cuts?: readonly number[];
}

/** Name of the output that holds d loss / d `id`. */
export const gradientName = (id: string): string => `grad:${id}`;

/**
 * The graph with an output `grad:<id>` for every id of `wrt`, of that value's shape; zeros where the loss does not depend on it.
 * @param loss name of an output of one element
 * @param wrt ids of weights or inputs
 * Throws `gradient-loss`, `gradient-unknown`, and what a rule throws (`gradient-resize`, `gradient-gather`).
 */
export function addGradients(
  graph: Graph,
  loss: string,
  wrt: readonly string[],
  { cuts = [] }: GradientOptions = {},
): Graph {
  const target = lossOf(graph, loss);
  const sources = wrt.map((id) => sourceOf(graph, id));
  const active = dependents(graph, sources);
  const b = new GraphBuilder(graph.name, freshPrefix(graph));
  const gradients = new Map<string, Value>([[target.id, b.constant(target.shape, Float32Array.of(1))]]);
  // complete gradients that nothing has read since the last cut: what a recomputation has to wait for
  const pending = new Map<string, Value>();

  const accumulate = (input: Value, gradient: Value): void => {
    checkShape(input, gradient);
    const known = gradients.get(input.id);
    const total = known === undefined ? gradient : add(b, known, gradient);
    gradients.set(input.id, total);
    pending.set(input.id, total);
  };
  const differentiate = (node: Node, read: (value: Value) => Value): void => {
    const dy = gradients.get(node.output.id);
    if (dy === undefined) return;
    pending.delete(node.output.id);
    const seen = { ...node, inputs: node.inputs.map((input) => input && read(input)), output: read(node.output) };
    const rule = gradientRules[node.op] as GradientRule<typeof node.op>;
    const made = rule(b, seen as never, dy);
    for (const [i, input] of node.inputs.entries()) {
      if (input !== undefined && active.has(input.id) && made[i] !== undefined) accumulate(input, made[i]());
    }
  };

  const segments = split(graph.nodes, cuts).reverse();
  for (const [distance, segment] of segments.entries()) {
    // the segment next to the loss goes backward at once: its activations are still there
    const read = distance === 0 ? (value: Value) => value : recompute(b, graph, segment, [...pending.values()]);
    pending.clear();
    for (const node of [...segment].reverse()) differentiate(node, read);
  }
  const outputs = sources.map((source) => ({
    name: gradientName(source.id),
    value: gradients.get(source.id) ?? b.op("Expand", [b.scalar(0)], { shape: source.shape }),
  }));
  const added = b.finish(outputs);
  return prune({
    ...graph,
    outputs: [...graph.outputs, ...outputs],
    constants: [...graph.constants, ...added.constants],
    nodes: [...graph.nodes, ...added.nodes],
  });
}

function lossOf(graph: Graph, name: string): Value {
  const value = graph.outputs.find((output) => output.name === name)?.value;
  if (value?.dtype === "f32" && value.shape.every((n) => n === 1)) return value;
  throw new FewstepError({
    code: "gradient-loss",
    message: `graph ${graph.name} cannot be differentiated from ${name}`,
    found: value === undefined ? "no such output" : `${value.dtype} [${value.shape}]`,
    expected: "an output of one float element",
  });
}

function sourceOf(graph: Graph, id: string): Value {
  const value = [...graph.weights, ...graph.inputs].find((one) => one.id === id);
  if (value?.dtype === "f32" && !graph.outputs.some(({ name }) => name === gradientName(id))) return value;
  throw new FewstepError({
    code: "gradient-unknown",
    message: `graph ${graph.name} has no gradient for ${id}`,
    found: value === undefined ? "no such weight or input" : `${value.dtype} [${value.shape}]`,
    expected: "a float weight or input, whose gradient is not an output already",
  });
}

/** Ids of all values that depend on `sources`. */
function dependents(graph: Graph, sources: readonly Value[]): ReadonlySet<string> {
  const ids = new Set(sources.map(({ id }) => id));
  for (const { inputs, output } of graph.nodes) {
    if (inputs.some((input) => input !== undefined && ids.has(input.id))) ids.add(output.id);
  }
  return ids;
}

/** Keeps the new nodes' ids apart from all that the graph has, gradients of an earlier pass included. */
function freshPrefix(graph: Graph): string {
  const ids = [...graph.nodes.map(({ output }) => output.id), ...graph.constants.map(({ id }) => id)];
  let n = 1;
  while (ids.some((id) => id.startsWith(`gradient${n}/`))) n++;
  return `gradient${n}/`;
}

function split(nodes: readonly Node[], cuts: readonly number[]): (readonly Node[])[] {
  const edges = [0, ...cuts, nodes.length];
  return edges.slice(1).map((end, i) => nodes.slice(edges[i], end));
}

function checkShape(input: Value, gradient: Value): void {
  if (input.shape.join() === gradient.shape.join()) return;
  throw new RangeError(`the gradient of ${input.id} [${input.shape}] came out as [${gradient.shape}]`);
}
