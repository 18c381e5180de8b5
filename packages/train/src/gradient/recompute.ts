// Activations of one segment, computed again in the backward pass. What enters the segment is read as x + 0 g, where g are the gradients
// that the backward pass has made by then: so the copies are no duplicates of the forward nodes that a runtime would merge with them,
// and they cannot run before the backward pass has arrived, nor before the weight gradients of the segment above are done with its activations.
// A gradient that is not finite makes the copies NaN.
import type { Graph, GraphBuilder, Node, OpAttributes, Value } from "@fewstep/core";
import { add, affine, reshape } from "./expressions.js";

/** Answers what a gradient rule is to read instead of a forward value: a copy where the segment made it and nothing else keeps it. */
export function recompute(
  b: GraphBuilder,
  graph: Graph,
  segment: readonly Node[],
  after: readonly Value[],
): (value: Value) => Value {
  const inside = new Map(segment.map((node) => [node.output.id, node]));
  const kept = readElsewhere(graph, inside);
  const fixed = new Set([...graph.weights, ...graph.constants].map(({ id }) => id));
  const copies = new Map<string, Value>();
  const zero = zeroAfter(b, after);

  const memoised = (value: Value, make: () => Value): Value => {
    const known = copies.get(value.id);
    if (known !== undefined) return known;
    const made = make();
    copies.set(value.id, made);
    return made;
  };
  // stands for any op: the builder reads the attributes by the op's own rule
  const copyOf = ({ op, inputs, attributes }: Node): Value =>
    b.op(
      op as "Conv",
      inputs.map((input) => input && source(input)),
      attributes as OpAttributes["Conv"],
    );
  const source = (value: Value): Value => {
    const node = inside.get(value.id);
    if (node !== undefined && !kept.has(value.id)) return memoised(value, () => copyOf(node));
    if (fixed.has(value.id) || value.dtype !== "f32") return value;
    return memoised(value, () => add(b, value, zero));
  };
  return (value) => (inside.has(value.id) && !kept.has(value.id) ? source(value) : value);
}

/** Ids of the segment's values that other nodes or the outputs read: they are in memory anyway. */
function readElsewhere(graph: Graph, inside: ReadonlyMap<string, Node>): ReadonlySet<string> {
  const ids = new Set(graph.outputs.map(({ value }) => value.id));
  for (const { inputs, output } of graph.nodes) {
    if (inside.has(output.id)) continue;
    for (const input of inputs) if (input !== undefined) ids.add(input.id);
  }
  return ids;
}

/** A scalar zero that exists only once all of `values` do. */
function zeroAfter(b: GraphBuilder, values: readonly Value[]): Value {
  const firsts = values.map((value) => {
    const flat = reshape(b, value, [value.shape.reduce((n, s) => n * s, 1)]);
    return reshape(b, b.op("Slice", [flat], { axis: 0, start: 0, end: 1 }), []);
  });
  const sum = firsts.length === 0 ? b.scalar(0) : firsts.reduce((x, y) => add(b, x, y));
  return affine(b, sum, 0);
}
