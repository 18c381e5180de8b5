// Semantic ops to ONNX nodes: a table with one entry an op. Inputs arrive as the names of ONNX values.
import type { NodeOf, Value } from "../graph.js";
import type { OpName } from "../ops/op-attributes.js";
import type { Dialect } from "./dialect.js";
import type { Emitter } from "./emitter.js";
import { lowerConvInputGradient, lowerConvWeightGradient } from "./lower-conv-gradients.js";

/** Name of the input at `index`; "" where an optional one is absent. */
export type Lowering<O extends OpName> = (
  emit: Emitter,
  node: NodeOf<O>,
  name: (index: number) => string,
  dialect: Dialect,
) => void;

const shapeOf = (node: { readonly inputs: readonly (Value | undefined)[] }, index: number): readonly number[] =>
  node.inputs[index]!.shape;

/** An op that ONNX has under the same or another name, without attributes. */
function plain<O extends OpName>(op: string): Lowering<O> {
  return (emit, node, name) => {
    emit.node(
      op,
      node.inputs.map((_, i) => name(i)),
      {},
      node.output.id,
    );
  };
}

function reduction<O extends "ReduceSum" | "ReduceMean">(op: O): Lowering<O> {
  return (emit, node, name) => {
    const { axes, keepDims } = node.attributes;
    emit.node(op, [name(0), emit.ints(axes)], { keepdims: { int: keepDims ? 1 : 0 } }, node.output.id);
  };
}

const lastTwoSwapped = (rank: number): readonly number[] => [
  ...Array.from({ length: rank - 2 }, (_, i) => i),
  rank - 1,
  rank - 2,
];

function matMul(
  emit: Emitter,
  a: { name: string; rank: number; transpose: boolean },
  b: { name: string; rank: number; transpose: boolean },
  dialect: Dialect,
  output?: string,
): string {
  if (!a.transpose && !b.transpose) return emit.node("MatMul", [a.name, b.name], {}, output);
  if (dialect.fusedMatMul) {
    const attributes = { transA: { int: a.transpose ? 1 : 0 }, transB: { int: b.transpose ? 1 : 0 } };
    return emit.contributed("FusedMatMul", [a.name, b.name], attributes, output);
  }
  const [left, right] = [a, b].map((side) =>
    side.transpose ? emit.node("Transpose", [side.name], { perm: { ints: lastTwoSwapped(side.rank) } }) : side.name,
  );
  return emit.node("MatMul", [left!, right!], {}, output);
}

/** [B, L, heads * d] -> [B, heads, L, d]. */
function splitHeads(emit: Emitter, name: string, [batch, length, width]: readonly number[], heads: number): string {
  const split = emit.node("Reshape", [name, emit.ints([batch!, length!, heads, width! / heads])]);
  return emit.node("Transpose", [split], { perm: { ints: [0, 2, 1, 3] } });
}

const attention: Lowering<"Attention"> = (emit, node, name, dialect) => {
  const { heads, causal } = node.attributes;
  const [batch, length, width] = shapeOf(node, 0) as [number, number, number];
  const scale = 1 / Math.sqrt(width / heads);
  if (dialect.fusedAttention) {
    const attributes = { num_heads: { int: heads }, scale: { float: scale }, unidirectional: { int: causal ? 1 : 0 } };
    emit.contributed("MultiHeadAttention", [name(0), name(1), name(2)], attributes, node.output.id);
    return;
  }
  const [q, k, v] = [0, 1, 2].map((i) => splitHeads(emit, name(i), shapeOf(node, i), heads)) as [
    string,
    string,
    string,
  ];
  const keys = { name: k, rank: 4, transpose: true };
  let scores = matMul(
    emit,
    { name: emit.node("Mul", [q, emit.scalar(scale)]), rank: 4, transpose: false },
    keys,
    dialect,
  );
  if (causal) {
    // -inf above the diagonal: Trilu keeps it and zeroes the rest
    const forbidden = emit.node("Expand", [emit.scalar(Number.NEGATIVE_INFINITY), emit.ints([length, length])]);
    const first = emit.node("Squeeze", [emit.ints([1]), emit.ints([0])]);
    scores = emit.node("Add", [scores, emit.node("Trilu", [forbidden, first], { upper: { int: 1 } })]);
  }
  const weights = emit.node("Softmax", [scores], { axis: { int: -1 } });
  const mixed = emit.node("MatMul", [weights, v]);
  const joined = emit.node("Transpose", [mixed], { perm: { ints: [0, 2, 1, 3] } });
  emit.node("Reshape", [joined, emit.ints([batch, length, shapeOf(node, 2)[2]!])], {}, node.output.id);
};

export const lowerings: { readonly [O in OpName]: Lowering<O> } = {
  Neg: plain("Neg"),
  Exp: plain("Exp"),
  Log: plain("Log"),
  Sqrt: plain("Sqrt"),
  Reciprocal: plain("Reciprocal"),
  Abs: plain("Abs"),
  Sin: plain("Sin"),
  Cos: plain("Cos"),
  Erf: plain("Erf"),
  Tanh: plain("Tanh"),
  Sigmoid: plain("Sigmoid"),
  Relu: plain("Relu"),
  Step(emit, node, name) {
    const positive = emit.node("Greater", [name(0), emit.scalar(0)]);
    emit.node("Cast", [positive], { to: { int: 1 } }, node.output.id);
  },
  Silu(emit, node, name, dialect) {
    if (dialect.fusedActivations) emit.contributed("QuickGelu", [name(0)], { alpha: { float: 1 } }, node.output.id);
    else emit.node("Mul", [name(0), emit.node("Sigmoid", [name(0)])], {}, node.output.id);
  },
  QuickGelu(emit, node, name, dialect) {
    if (dialect.fusedActivations) emit.contributed("QuickGelu", [name(0)], { alpha: { float: 1.702 } }, node.output.id);
    else
      emit.node(
        "Mul",
        [name(0), emit.node("Sigmoid", [emit.node("Mul", [name(0), emit.scalar(1.702)])])],
        {},
        node.output.id,
      );
  },
  Gelu(emit, node, name) {
    emit.node("Gelu", [name(0)], {}, node.output.id);
  },
  Clip(emit, node, name) {
    emit.node(
      "Clip",
      [name(0), emit.scalar(node.attributes.min), emit.scalar(node.attributes.max)],
      {},
      node.output.id,
    );
  },
  Affine(emit, node, name) {
    const { scale, shift } = node.attributes;
    const scaled = shift === 0 ? undefined : emit.node("Mul", [name(0), emit.scalar(scale)]);
    if (scaled === undefined) emit.node("Mul", [name(0), emit.scalar(scale)], {}, node.output.id);
    else emit.node("Add", [scaled, emit.scalar(shift)], {}, node.output.id);
  },
  Add: plain("Add"),
  Sub: plain("Sub"),
  Mul: plain("Mul"),
  Div: plain("Div"),
  Maximum: plain("Max"),
  Minimum: plain("Min"),
  Reshape(emit, node, name) {
    emit.node("Reshape", [name(0), emit.ints(node.attributes.shape)], {}, node.output.id);
  },
  Transpose(emit, node, name) {
    emit.node("Transpose", [name(0)], { perm: { ints: node.attributes.permutation } }, node.output.id);
  },
  Concat(emit, node, name) {
    emit.node(
      "Concat",
      node.inputs.map((_, i) => name(i)),
      { axis: { int: node.attributes.axis } },
      node.output.id,
    );
  },
  Slice(emit, node, name) {
    const { axis, start, end } = node.attributes;
    emit.node("Slice", [name(0), emit.ints([start]), emit.ints([end]), emit.ints([axis])], {}, node.output.id);
  },
  Pad(emit, node, name) {
    emit.node("Pad", [name(0), emit.ints(node.attributes.pads)], {}, node.output.id);
  },
  Expand(emit, node, name) {
    emit.node("Expand", [name(0), emit.ints(node.attributes.shape)], {}, node.output.id);
  },
  ResizeNearest(emit, node, name) {
    emit.node(
      "Resize",
      [name(0), "", "", emit.ints(node.output.shape)],
      {
        mode: { string: "nearest" },
        coordinate_transformation_mode: { string: "asymmetric" },
        nearest_mode: { string: "floor" },
      },
      node.output.id,
    );
  },
  Gather: plain("Gather"),
  ReduceSum: reduction("ReduceSum"),
  ReduceMean: reduction("ReduceMean"),
  Softmax(emit, node, name) {
    emit.node("Softmax", [name(0)], { axis: { int: -1 } }, node.output.id);
  },
  MatMul(emit, node, name, dialect) {
    const { transposeA, transposeB } = node.attributes;
    const side = (index: number, transpose: boolean) => ({
      name: name(index),
      rank: shapeOf(node, index).length,
      transpose,
    });
    matMul(emit, side(0, transposeA), side(1, transposeB), dialect, node.output.id);
  },
  Linear(emit, node, name, dialect) {
    const x = { name: name(0), rank: shapeOf(node, 0).length, transpose: false };
    const weight = { name: name(1), rank: 2, transpose: true };
    if (node.inputs[2] === undefined) matMul(emit, x, weight, dialect, node.output.id);
    else emit.node("Add", [matMul(emit, x, weight, dialect), name(2)], {}, node.output.id);
  },
  Conv(emit, node, name) {
    const { strides, pads } = node.attributes;
    const inputs = node.inputs[2] === undefined ? [name(0), name(1)] : [name(0), name(1), name(2)];
    emit.node("Conv", inputs, { strides: { ints: strides }, pads: { ints: pads } }, node.output.id);
  },
  ConvInputGradient: lowerConvInputGradient,
  ConvWeightGradient: lowerConvWeightGradient,
  GroupNorm(emit, node, name) {
    const { groups, epsilon } = node.attributes;
    const shape = shapeOf(node, 0);
    const grouped = emit.node("Reshape", [name(0), emit.ints([shape[0]!, groups, -1])]);
    const normed = emit.node("InstanceNormalization", [grouped, emit.filled(groups, 1), emit.filled(groups, 0)], {
      epsilon: { float: epsilon },
    });
    const back = emit.node("Reshape", [normed, emit.ints(shape)]);
    const perChannel = emit.ints([shape[1]!, ...shape.slice(2).map(() => 1)]);
    const [scale, shift] = [1, 2].map((i) => emit.node("Reshape", [name(i), perChannel])) as [string, string];
    emit.node("Add", [emit.node("Mul", [back, scale]), shift], {}, node.output.id);
  },
  LayerNorm(emit, node, name) {
    const attributes = { axis: { int: -1 }, epsilon: { float: node.attributes.epsilon } };
    emit.node("LayerNormalization", [name(0), name(1), name(2)], attributes, node.output.id);
  },
  Attention: attention,
};
