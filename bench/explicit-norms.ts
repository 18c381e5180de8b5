// Group normalisation by elementary ops in place of the runtime's InstanceNormalization: a form to measure against.
import { type Graph, GraphBuilder, type Value } from "@fewstep/core";

function normed(b: GraphBuilder, x: Value, scale: Value, shift: Value, groups: number, epsilon: number): Value {
  const [batch, channels] = x.shape as [number, number];
  const size = x.shape.reduce((a, c) => a * c, 1) / (batch * groups);
  const perChannel = (value: Value) =>
    b.op("Reshape", [value], { shape: [channels, ...x.shape.slice(2).map(() => 1)] });
  const mean = (value: Value) => b.op("ReduceMean", [value], { axes: [2], keepDims: true });
  const grouped = b.op("Reshape", [x], { shape: [batch, groups, size] });
  const centred = b.op("Sub", [grouped, mean(grouped)]);
  const variance = mean(b.op("Mul", [centred, centred]));
  const deviation = b.op("Sqrt", [b.op("Affine", [variance], { scale: 1, shift: epsilon })]);
  const back = b.op("Reshape", [b.op("Div", [centred, deviation])], { shape: x.shape });
  return b.op("Add", [b.op("Mul", [back, perChannel(scale)]), perChannel(shift)]);
}

export function withExplicitNorms(graph: Graph): Graph {
  const constants = [...graph.constants];
  const nodes = graph.nodes.flatMap((node, i) => {
    if (node.op !== "GroupNorm") return [node];
    const [x, scale, shift] = node.inputs as readonly [Value, Value, Value];
    const b = new GraphBuilder("norm", `norm${i}:`);
    const y = normed(b, x, scale, shift, node.attributes.groups, node.attributes.epsilon);
    const inner = b.finish([{ name: "y", value: y }]);
    constants.push(...inner.constants);
    // the last node makes what the norm made
    return inner.nodes.map((one) => (one.output.id === y.id ? { ...one, output: node.output } : one));
  });
  return { ...graph, nodes, constants };
}
