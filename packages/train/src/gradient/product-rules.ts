// Gradients of matrix products and convolutions. A convolution's two gradients are ops of their own, each bilinear like the
// convolution itself, so their rules close the circle and gradients can be taken of gradients.
import type { GraphBuilder, NodeOf, Value } from "@fewstep/core";
import { matMul, rows, sum, sumTo } from "./expressions.js";
import { type GradientRules, inputOf } from "./rule.js";

/** y = A B: dA = dy B^T, dB = A^T dy, each turned where the factor was read transposed. */
function matMulGradients(b: GraphBuilder, node: NodeOf<"MatMul">, dy: Value) {
  const { transposeA, transposeB } = node.attributes;
  const [x, z] = [inputOf(node, 0), inputOf(node, 1)];
  const dx = () => (transposeA ? matMul(b, z, dy, transposeB, true) : matMul(b, dy, z, false, !transposeB));
  const dz = () => {
    // one product over all rows, where a product for each batch entry would have to be added up
    const flat = z.shape.length === 2 && !transposeA;
    const [left, right] = flat ? [rows(b, x), rows(b, dy)] : [x, dy];
    return transposeB ? matMul(b, right, left, true, transposeA) : matMul(b, left, right, !transposeA, false);
  };
  return [() => sumTo(b, dx(), x.shape), () => sumTo(b, dz(), z.shape)];
}

type Product = "MatMul" | "Linear" | "Conv" | "ConvInputGradient" | "ConvWeightGradient";

export const productRules: Pick<GradientRules, Product> = {
  MatMul: matMulGradients,
  Linear(b, node, dy) {
    const [x, weight] = [inputOf(node, 0), inputOf(node, 1)];
    return [
      () => matMul(b, dy, weight),
      () => matMul(b, rows(b, dy), rows(b, x), true),
      () => sum(b, rows(b, dy), [0]),
    ];
  },
  Conv(b, node, dy) {
    const { strides, pads } = node.attributes;
    const [x, weight] = [inputOf(node, 0), inputOf(node, 1)];
    const [size, kernel] = [x, weight].map(({ shape }) => shape.slice(2)) as [[number, number], [number, number]];
    return [
      () => b.op("ConvInputGradient", [dy, weight], { strides, pads, size }),
      () => b.op("ConvWeightGradient", [x, dy], { strides, pads, kernel }),
      () => sum(b, dy, [0, 2, 3]),
    ];
  },
  // y = dx(e, w) is defined by <g, y> = <Conv(g, w), e> for all g
  ConvInputGradient(b, node, dy) {
    const { strides, pads } = node.attributes;
    const [e, weight] = [inputOf(node, 0), inputOf(node, 1)];
    const kernel = weight.shape.slice(2) as [number, number];
    return [
      () => b.op("Conv", [dy, weight, undefined], { strides, pads }),
      () => b.op("ConvWeightGradient", [dy, e], { strides, pads, kernel }),
    ];
  },
  // y = dw(x, e) is defined by <g, y> = <Conv(x, g), e> for all g
  ConvWeightGradient(b, node, dy) {
    const { strides, pads } = node.attributes;
    const [x, e] = [inputOf(node, 0), inputOf(node, 1)];
    const size = x.shape.slice(2) as [number, number];
    return [
      () => b.op("ConvInputGradient", [e, dy], { strides, pads, size }),
      () => b.op("Conv", [x, dy, undefined], { strides, pads }),
    ];
  },
};
