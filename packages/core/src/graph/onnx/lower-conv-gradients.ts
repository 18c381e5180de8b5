// Gradients of a convolution in inference ops. ONNX Runtime has no ConvGrad kernels.
import type { NodeOf } from "../graph.js";
import type { Emitter } from "./emitter.js";

/**
 * dx[n, c] = sum over m of dy[n, m] transposed-convolved with weight[m, c].
 * Rows of x that the strides never reached get their zeros from output_padding.
 */
export function lowerConvInputGradient(
  emit: Emitter,
  node: NodeOf<"ConvInputGradient">,
  name: (index: number) => string,
): void {
  const { strides, pads, size } = node.attributes;
  const [, , height, width] = node.inputs[0]!.shape as [number, number, number, number];
  const [, , kernelHeight, kernelWidth] = node.inputs[1]!.shape as [number, number, number, number];
  const outputPadding = [
    size[0] - ((height - 1) * strides[0] + kernelHeight - pads[0] - pads[2]),
    size[1] - ((width - 1) * strides[1] + kernelWidth - pads[1] - pads[3]),
  ];
  emit.node(
    "ConvTranspose",
    [name(0), name(1)],
    { strides: { ints: strides }, pads: { ints: pads }, output_padding: { ints: outputPadding } },
    node.output.id,
  );
}

/**
 * dW[m, c, i, j] = sum over n, y, x of dy[n, m, y, x] x_padded[n, c, y * stride + i, x * stride + j]:
 * one matrix product dy [M, N*oH*oW] by columns [N*oH*oW, C*kH*kW], the columns being shifted slices of x.
 */
export function lowerConvWeightGradient(
  emit: Emitter,
  node: NodeOf<"ConvWeightGradient">,
  name: (index: number) => string,
): void {
  const { strides, pads, kernel } = node.attributes;
  const [batch, channels] = node.inputs[0]!.shape as [number, number];
  const [, outChannels, height, width] = node.inputs[1]!.shape as [number, number, number, number];
  const padded = pads.every((pad) => pad === 0)
    ? name(0)
    : emit.node("Pad", [name(0), emit.ints([0, 0, pads[0], pads[1], 0, 0, pads[2], pads[3]])]);
  const shifted = Array.from({ length: kernel[0] * kernel[1] }, (_, k) => {
    const [top, left] = [Math.floor(k / kernel[1]), k % kernel[1]];
    const starts = emit.ints([top, left]);
    const ends = emit.ints([top + (height - 1) * strides[0] + 1, left + (width - 1) * strides[1] + 1]);
    const slice = emit.node("Slice", [padded, starts, ends, emit.ints([2, 3]), emit.ints(strides)]);
    return emit.node("Reshape", [slice, emit.ints([batch, 1, channels, height * width])]);
  });
  // [N, k, C, P] -> [N, P, C * k] per picture, then one product a picture, summed over pictures
  const columns = shifted.length === 1 ? shifted[0]! : emit.node("Concat", shifted, { axis: { int: 1 } });
  const rows = emit.node("Reshape", [columns, emit.ints([batch, kernel[0] * kernel[1] * channels, height * width])]);
  const gradient = emit.node("Reshape", [name(1), emit.ints([batch, outChannels, height * width])]);
  const turned = emit.node("Transpose", [rows], { perm: { ints: [0, 2, 1] } });
  const product = emit.node("MatMul", [gradient, turned]);
  const summed = emit.node("ReduceSum", [product, emit.ints([0])], { keepdims: { int: 0 } });
  const split = emit.node("Reshape", [summed, emit.ints([outChannels, kernel[0], kernel[1], channels])]);
  emit.node("Transpose", [split], { perm: { ints: [0, 3, 1, 2] } }, node.output.id);
}
