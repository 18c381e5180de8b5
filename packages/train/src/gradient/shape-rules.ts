// Gradients of ops that move elements, and of sums and means: each is the adjoint of a linear map.
import { FewstepError, type GraphBuilder, type NodeOf, type Value } from "@fewstep/core";
import { affine, reshape, sum, sumTo, transpose } from "./expressions.js";
import { type GradientRules, inputOf } from "./rule.js";

/** Takes `before` and `after` elements off the ends of an axis; a negative number adds zeros instead. */
function crop(b: GraphBuilder, x: Value, axis: number, before: number, after: number): Value {
  const start = Math.max(0, before);
  const end = x.shape[axis]! - Math.max(0, after);
  const kept = start === 0 && end === x.shape[axis] ? x : b.op("Slice", [x], { axis, start, end });
  return before >= 0 && after >= 0 ? kept : extend(b, kept, axis, Math.max(0, -before), Math.max(0, -after));
}

function extend(b: GraphBuilder, x: Value, axis: number, before: number, after: number): Value {
  const rank = x.shape.length;
  const pads = Array.from({ length: 2 * rank }, (_, i) => (i === axis ? before : i === axis + rank ? after : 0));
  return b.op("Pad", [x], { pads });
}

/** Every input pixel became a block of factor x factor: their gradients add up. */
function resizeNearest(b: GraphBuilder, node: NodeOf<"ResizeNearest">, dy: Value): Value {
  const [n, channels, height, width] = inputOf(node, 0).shape as [number, number, number, number];
  const [tall, wide] = [node.attributes.height / height, node.attributes.width / width];
  if (!Number.isInteger(tall) || !Number.isInteger(wide)) {
    throw new FewstepError({
      code: "gradient-resize",
      message: "no gradient for a resize that is not by whole factors",
      found: `${height}x${width} to ${node.attributes.height}x${node.attributes.width}`,
      expected: "an output size that is a multiple of the input's",
      hint: "train at sizes that halve evenly on every level: multiples of 64 pixels",
    });
  }
  return sum(b, reshape(b, dy, [n, channels, height, tall, width, wide]), [3, 5]);
}

function spread(b: GraphBuilder, node: NodeOf<"ReduceSum" | "ReduceMean">, dy: Value): Value {
  const { shape } = inputOf(node, 0);
  const kept = shape.map((n, i) => (node.attributes.axes.includes(i) ? 1 : n));
  return b.op("Expand", [reshape(b, dy, kept)], { shape });
}

type Shape = "Reshape" | "Transpose" | "Concat" | "Slice" | "Pad" | "Expand" | "ResizeNearest" | "Gather";

export const shapeRules: Pick<GradientRules, Shape | "ReduceSum" | "ReduceMean"> = {
  Reshape: (b, node, dy) => [() => reshape(b, dy, inputOf(node, 0).shape)],
  Transpose(b, node, dy) {
    const { permutation } = node.attributes;
    return [
      () =>
        transpose(
          b,
          dy,
          permutation.map((_, axis) => permutation.indexOf(axis)),
        ),
    ];
  },
  Concat(b, node, dy) {
    const { axis } = node.attributes;
    let next = 0;
    return node.inputs.map((input) => {
      const start = next;
      next += input!.shape[axis]!;
      return () => b.op("Slice", [dy], { axis, start, end: start + input!.shape[axis]! });
    });
  },
  Slice(b, node, dy) {
    const { axis, start, end } = node.attributes;
    return [() => extend(b, dy, axis, start, inputOf(node, 0).shape[axis]! - end)];
  },
  Pad(b, node, dy) {
    const { pads } = node.attributes;
    const { shape } = inputOf(node, 0);
    return [() => shape.reduce((x, _, axis) => crop(b, x, axis, pads[axis]!, pads[axis + shape.length]!), dy)];
  },
  Expand: (b, node, dy) => [() => sumTo(b, dy, inputOf(node, 0).shape)],
  ResizeNearest: (b, node, dy) => [() => resizeNearest(b, node, dy)],
  Gather: () => [
    () => {
      throw new FewstepError({
        code: "gradient-gather",
        message: "no gradient for a table that is read by Gather",
        expected: "a product with one-hot rows",
        hint: "look rows up by MatMul(one-hot, table), whose gradient is a product too",
      });
    },
    undefined,
  ],
  ReduceSum: (b, node, dy) => [() => spread(b, node, dy)],
  ReduceMean: (b, node, dy) => [
    () => {
      const { shape } = inputOf(node, 0);
      const count = node.attributes.axes.reduce((n, axis) => n * shape[axis]!, 1);
      return spread(b, node, affine(b, dy, 1 / count));
    },
  ],
};
