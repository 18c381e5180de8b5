// Seamless tiling: every convolution sees the picture go on at its opposite edge instead of zeros, so that what is made tiles without a
// visible seam. Pads become a wrap-around Concat of the input's own edges, at any stride: what A1111's tiling gets from padding_mode
// "circular". Exact where every level halves evenly (sides of a multiple of 64 pixels for SD1.5, 32 for SDXL).
import type { Graph, Node, Value } from "../graph.js";
import { outputType } from "../ops/shape-rules.js";

/** In which directions a picture goes on at its other edge. */
export type SeamlessAxes = "x" | "y" | "xy";

interface Wrap {
  readonly axis: number;
  /** Rows or columns repeated before and after the input. */
  readonly before: number;
  readonly after: number;
}

type Pads = readonly [top: number, left: number, bottom: number, right: number];

/**
 * The graph with the pads of all its convolutions wrapped around. Parameters, inputs and outputs stay as they are, and adapter branches may
 * be added afterwards.
 */
export function withSeamlessTiling(graph: Graph, axes: SeamlessAxes): Graph {
  const nodes: Node[] = [];
  const wrapped = new Map<string, Value>();
  const add = (node: Omit<Node, "output">, id: string): Value => {
    const { op, inputs, attributes } = node as Node;
    const { dtype, shape } = outputType(op, inputs, attributes);
    const output: Value = { id, dtype, shape };
    nodes.push({ op, inputs, attributes, output } as Node);
    return output;
  };
  const wrap = (x: Value, { axis, before, after }: Wrap): Value => {
    if (before === 0 && after === 0) return x;
    const id = `${x.id}/wrap${axis}:${before}+${after}`;
    const known = wrapped.get(id);
    if (known !== undefined) return known;
    const size = x.shape[axis]!;
    if (before > size || after > size) throw new RangeError(`pads ${before}, ${after} wrap around a side of ${size}`);
    const slice = (start: number, end: number, name: string): readonly Value[] =>
      start === end ? [] : [add({ op: "Slice", inputs: [x], attributes: { axis, start, end } }, `${id}/${name}`)];
    const parts = [...slice(size - before, size, "before"), x, ...slice(0, after, "after")];
    const joined = add({ op: "Concat", inputs: parts, attributes: { axis } }, id);
    wrapped.set(id, joined);
    return joined;
  };
  for (const node of graph.nodes) {
    if (node.op !== "Conv") {
      nodes.push(node);
      continue;
    }
    const [top, left, bottom, right] = node.attributes.pads;
    const [x, ...parameters] = node.inputs;
    let input = x!;
    if (axes !== "x") input = wrap(input, { axis: 2, before: top, after: bottom });
    if (axes !== "y") input = wrap(input, { axis: 3, before: left, after: right });
    const pads: Pads = [
      axes === "x" ? top : 0,
      axes === "y" ? left : 0,
      axes === "x" ? bottom : 0,
      axes === "y" ? right : 0,
    ];
    nodes.push({ ...node, inputs: [input, ...parameters], attributes: { ...node.attributes, pads } });
  }
  return Object.freeze({ ...graph, nodes });
}
