// Gradients of a convolution in inference ops. ONNX Runtime has no ConvGrad kernels.
import type { NodeOf } from "../graph.js";
import type { Dialect } from "./dialect.js";
import type { Emitter } from "./emitter.js";

type Name = (index: number) => string;

/**
 * Turning the weight costs by its size, the convolution by its size times the pixels. From this many pixels on, turning plus Conv beats
 * ConvTranspose on one core of a CPU: 320 channels at 64x64 39 ms to 91, at 32x32 23 to 25; 640 at 16x16 38 to 24, 1280 at 8x8 138 to 29.
 */
const TURN_FROM_PIXELS = 1024;

/** dx[n, c] = sum over m of dy[n, m] transposed-convolved with weight[m, c]. */
export function lowerConvInputGradient(emit: Emitter, node: NodeOf<"ConvInputGradient">, name: Name): void {
  const { strides, size } = node.attributes;
  const dense = strides.every((stride) => stride === 1) && size[0] * size[1] >= TURN_FROM_PIXELS;
  if (dense) turnedConvolution(emit, node, name);
  else transposedConvolution(emit, node, name);
}

/** At stride 1 the transposed convolution is a convolution by weight[c, m], rotated by half a turn. */
function turnedConvolution(emit: Emitter, node: NodeOf<"ConvInputGradient">, name: Name): void {
  const { pads } = node.attributes;
  const [, , kernelHeight, kernelWidth] = node.inputs[1]!.shape as [number, number, number, number];
  const [down, right] = [kernelHeight - 1, kernelWidth - 1];
  const swapped = emit.node("Transpose", [name(1)], { perm: { ints: [1, 0, 2, 3] } });
  const turned =
    down === 0 && right === 0
      ? swapped
      : emit.node("Slice", [
          swapped,
          emit.ints([down, right]),
          emit.ints([-kernelHeight - 1, -kernelWidth - 1]),
          emit.ints([2, 3]),
          emit.ints([-1, -1]),
        ]);
  const opposite = [down - pads[0], right - pads[1], down - pads[2], right - pads[3]];
  emit.node("Conv", [cropped(emit, node, name, opposite), turned], padded(opposite), node.output.id);
}

/** Where x had more padding than the kernel is wide, the outermost dy saw nothing but zeros: they are cut off. */
function cropped(emit: Emitter, node: NodeOf<"ConvInputGradient">, name: Name, pads: readonly number[]): string {
  if (pads.every((pad) => pad >= 0)) return name(0);
  const [, , height, width] = node.inputs[0]!.shape as [number, number, number, number];
  const [top, left, bottom, right] = pads.map((pad) => Math.max(0, -pad)) as [number, number, number, number];
  return emit.node("Slice", [
    name(0),
    emit.ints([top, left]),
    emit.ints([height - bottom, width - right]),
    emit.ints([2, 3]),
  ]);
}

const padded = (pads: readonly number[]) => ({ pads: { ints: pads.map((pad) => Math.max(0, pad)) } });

/** Rows of x that the strides never reached get their zeros from output_padding. */
function transposedConvolution(emit: Emitter, node: NodeOf<"ConvInputGradient">, name: Name): void {
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
 * one matrix product dy [M, N*oH*oW] by columns [C*kH*kW, N*oH*oW], transposed, the columns being shifted slices of x.
 */
export function lowerConvWeightGradient(
  emit: Emitter,
  node: NodeOf<"ConvWeightGradient">,
  name: Name,
  { fusedMatMul }: Dialect,
): void {
  const { strides, pads, kernel } = node.attributes;
  const [batch, channels] = node.inputs[0]!.shape as [number, number];
  const [, outChannels, height, width] = node.inputs[1]!.shape as [number, number, number, number];
  const pixels = batch * height * width;
  // [N, C, H, W] -> [C, N, H, W]: the sum over pictures becomes part of the product
  const channelsFirst = (value: string): string =>
    batch === 1 ? value : emit.node("Transpose", [value], { perm: { ints: [1, 0, 2, 3] } });
  const around = pads.every((pad) => pad === 0)
    ? name(0)
    : emit.node("Pad", [name(0), emit.ints([0, 0, pads[0], pads[1], 0, 0, pads[2], pads[3]])]);
  const source = channelsFirst(around);
  const shifted = Array.from({ length: kernel[0] * kernel[1] }, (_, k) => {
    const [top, left] = [Math.floor(k / kernel[1]), k % kernel[1]];
    const starts = emit.ints([top, left]);
    const ends = emit.ints([top + (height - 1) * strides[0] + 1, left + (width - 1) * strides[1] + 1]);
    const slice = emit.node("Slice", [source, starts, ends, emit.ints([2, 3]), emit.ints(strides)]);
    return emit.node("Reshape", [slice, emit.ints([channels, 1, pixels])]);
  });
  const taps = shifted.length === 1 ? shifted[0]! : emit.node("Concat", shifted, { axis: { int: 1 } });
  const columns = emit.node("Reshape", [taps, emit.ints([channels * kernel[0] * kernel[1], pixels])]);
  const gradient = emit.node("Reshape", [channelsFirst(name(1)), emit.ints([outChannels, pixels])]);
  const product = fusedMatMul
    ? emit.contributed("FusedMatMul", [gradient, columns], { transB: { int: 1 } })
    : emit.node("MatMul", [gradient, emit.node("Transpose", [columns], { perm: { ints: [1, 0] } })]);
  emit.node("Reshape", [product, emit.ints(node.output.shape)], {}, node.output.id);
}
