// Graph -> Graph: a sum or mean over the batch and over trailing axes becomes two, trailing axes first. Runtimes reduce fastest over the last
// axes; a GPU that is asked for both at once turns the whole tensor around before (ONNX Runtime's WebGPU provider does).
import type { Graph, Node, NodeOf, Value } from "@fewstep/core";

type Reduction = NodeOf<"ReduceSum"> | NodeOf<"ReduceMean">;

/** The trailing axes of a reduction over leading and trailing axes with kept ones between; undefined for any other. */
function trailingAxes({ inputs, attributes }: Reduction): readonly number[] | undefined {
  const rank = inputs[0]!.shape.length;
  const reduced = (axis: number) => attributes.axes.includes(axis);
  let first = rank;
  while (first > 0 && reduced(first - 1)) first--;
  const leading = attributes.axes.filter((axis) => axis < first);
  if (first === rank || leading.length === 0) return undefined;
  return Array.from({ length: rank - first }, (_, i) => first + i);
}

function staged(node: Reduction): readonly Node[] {
  const trailing = trailingAxes(node);
  if (trailing === undefined) return [node as Node];
  const { output, attributes } = node;
  const input = node.inputs[0]!;
  const leading = attributes.axes.filter((axis) => !trailing.includes(axis));
  const shape = attributes.keepDims
    ? input.shape.map((n, axis) => (trailing.includes(axis) ? 1 : n))
    : input.shape.slice(0, input.shape.length - trailing.length);
  const between: Value = { id: `${output.id}/trailing`, dtype: output.dtype, shape };
  return [
    { ...node, output: between, attributes: { ...attributes, axes: trailing } } as Node,
    { ...node, inputs: [between], attributes: { ...attributes, axes: leading } } as Node,
  ];
}

export function stageReductions(graph: Graph): Graph {
  const nodes = graph.nodes.flatMap((node) =>
    node.op === "ReduceSum" || node.op === "ReduceMean" ? staged(node) : [node],
  );
  return { ...graph, nodes };
}
