// For every op, calls of it whose gradients are checked: shapes with broadcasting, strides, pads, groups, transposes.
import type { OpAttributes, OpName } from "@fewstep/core";

interface Drawn {
  readonly shapes: readonly (readonly number[])[];
  /** Where the inputs are drawn from; default -1.5 to 1.5, and at least 0.1 from 0, where some ops have a kink. */
  readonly range?: readonly [number, number];
}

export interface GradientCase<O extends OpName> extends Drawn {
  readonly attributes: OpAttributes[O];
}

/** Cases of an op without attributes. */
type Plain = readonly (Drawn & { readonly attributes: Readonly<Record<never, never>> })[];
type Cases<O extends OpName> = readonly GradientCase<O>[];

const unary: Plain = [{ shapes: [[2, 3, 4]], attributes: {} }];
const positive: Plain = [{ shapes: [[3, 4]], attributes: {}, range: [0.6, 2] }];
const pairs: readonly (readonly [readonly number[], readonly number[]])[] = [
  [
    [2, 3],
    [2, 3],
  ],
  [[2, 3, 4], [4]],
  [
    [3, 1, 4],
    [2, 1],
  ],
  [[], [2, 2]],
  [[1], [1, 1]],
];
const binary: Plain = pairs.flatMap(([x, y]) => [
  { shapes: [x, y], attributes: {} },
  { shapes: [y, x], attributes: {} },
]);
const reductions: readonly (Drawn & { readonly attributes: OpAttributes["ReduceSum"] })[] = [
  { shapes: [[2, 3, 4]], attributes: { axes: [1], keepDims: true } },
  { shapes: [[2, 3, 4]], attributes: { axes: [0, 2], keepDims: false } },
  { shapes: [[2, 3]], attributes: { axes: [0, 1], keepDims: false } },
];
const flags = [true, false].flatMap((transposeA) => [true, false].map((transposeB) => ({ transposeA, transposeB })));

interface ConvCase {
  readonly x: readonly [number, number, number, number];
  readonly outs: number;
  readonly kernel: readonly [number, number];
  readonly strides: readonly [number, number];
  readonly pads: readonly [number, number, number, number];
}

const CONVS: readonly ConvCase[] = [
  { x: [2, 3, 5, 4], outs: 2, kernel: [3, 3], strides: [1, 1], pads: [1, 1, 1, 1] },
  { x: [2, 2, 5, 4], outs: 3, kernel: [3, 3], strides: [1, 1], pads: [1, 1, 1, 1] },
  { x: [1, 2, 6, 6], outs: 3, kernel: [3, 3], strides: [2, 2], pads: [1, 1, 1, 1] },
  { x: [1, 2, 6, 5], outs: 1, kernel: [3, 3], strides: [2, 2], pads: [0, 0, 1, 1] },
  { x: [2, 3, 3, 3], outs: 4, kernel: [1, 1], strides: [1, 1], pads: [0, 0, 0, 0] },
  { x: [2, 4, 3, 3], outs: 1, kernel: [1, 1], strides: [2, 2], pads: [0, 0, 0, 0] },
  // a row and columns of x that no stride reaches; uneven kernel, strides, pads
  { x: [1, 2, 8, 9], outs: 2, kernel: [2, 3], strides: [3, 2], pads: [0, 2, 1, 0] },
  { x: [2, 3, 7, 5], outs: 2, kernel: [4, 2], strides: [1, 1], pads: [2, 0, 1, 1] },
  { x: [1, 1, 5, 5], outs: 2, kernel: [2, 2], strides: [1, 1], pads: [3, 3, 3, 3] },
  // large enough for the other lowering of the input gradient; in the last one the padding is wider than the kernel
  { x: [1, 1, 32, 33], outs: 2, kernel: [3, 3], strides: [1, 1], pads: [1, 1, 1, 1] },
  { x: [1, 2, 32, 32], outs: 1, kernel: [1, 1], strides: [1, 1], pads: [0, 0, 0, 0] },
  { x: [1, 1, 36, 30], outs: 1, kernel: [2, 3], strides: [1, 1], pads: [3, 0, 0, 1] },
];
const outSize = ({ x, kernel, strides, pads }: ConvCase): readonly [number, number] => [
  Math.floor((x[2] + pads[0] + pads[2] - kernel[0]) / strides[0]) + 1,
  Math.floor((x[3] + pads[1] + pads[3] - kernel[1]) / strides[1]) + 1,
];

export const gradientCases: { readonly [O in OpName]: Cases<O> } = {
  Neg: unary,
  Exp: unary,
  Log: positive,
  Sqrt: positive,
  Reciprocal: positive,
  Abs: unary,
  Sin: unary,
  Cos: unary,
  Erf: unary,
  Tanh: unary,
  Sigmoid: unary,
  Relu: unary,
  Step: unary,
  Silu: unary,
  Gelu: unary,
  QuickGelu: unary,
  Clip: [
    { shapes: [[5, 5]], attributes: { min: -0.05, max: 0.075 } },
    { shapes: [[3]], attributes: { min: -9, max: 9 } },
  ],
  Affine: [{ shapes: [[2, 3]], attributes: { scale: -1.75, shift: 0.5 } }],
  Add: binary,
  Sub: binary,
  Mul: binary,
  Div: binary.map((one) => ({ ...one, range: [0.6, 2] })),
  Maximum: binary,
  Minimum: binary,
  Reshape: [{ shapes: [[2, 6]], attributes: { shape: [3, 1, 4] } }],
  Transpose: [
    { shapes: [[2, 3, 4]], attributes: { permutation: [2, 0, 1] } },
    { shapes: [[2, 3, 4, 2]], attributes: { permutation: [0, 2, 1, 3] } },
  ],
  Concat: [
    {
      shapes: [
        [2, 1, 3],
        [2, 4, 3],
        [2, 2, 3],
      ],
      attributes: { axis: 1 },
    },
  ],
  Slice: [
    { shapes: [[3, 5, 2]], attributes: { axis: 1, start: 1, end: 4 } },
    { shapes: [[4]], attributes: { axis: 0, start: 0, end: 1 } },
  ],
  Pad: [
    { shapes: [[2, 3]], attributes: { pads: [1, 0, 0, 2] } },
    { shapes: [[4, 3]], attributes: { pads: [-1, 2, 1, -1] } },
  ],
  Expand: [
    { shapes: [[3, 1]], attributes: { shape: [2, 3, 4] } },
    { shapes: [[]], attributes: { shape: [2, 2] } },
  ],
  ResizeNearest: [
    { shapes: [[2, 3, 2, 3]], attributes: { height: 4, width: 6 } },
    { shapes: [[1, 2, 2, 2]], attributes: { height: 6, width: 2 } },
  ],
  // its table has no gradient; see the test of what is refused
  Gather: [],
  ReduceSum: reductions,
  ReduceMean: reductions,
  Softmax: [{ shapes: [[2, 3, 4]], attributes: {} }],
  MatMul: flags.flatMap((attributes) =>
    [
      { x: [3, 2], y: [2, 4] },
      { x: [2, 3, 3, 2], y: [2, 3, 2, 4] },
      { x: [2, 3, 3, 2], y: [2, 4] },
      { x: [3, 2], y: [2, 2, 4] },
      { x: [2, 1, 3, 2], y: [3, 2, 4] },
    ].map(({ x, y }) => {
      const turn = (shape: readonly number[], turned: boolean) =>
        turned ? [...shape.slice(0, -2), shape.at(-1)!, shape.at(-2)!] : shape;
      return { shapes: [turn(x, attributes.transposeA), turn(y, attributes.transposeB)], attributes };
    }),
  ),
  Linear: [
    { shapes: [[2, 3, 4], [5, 4], [5]], attributes: {} },
    {
      shapes: [
        [3, 4],
        [2, 4],
      ],
      attributes: {},
    },
  ],
  Conv: CONVS.flatMap((one) => {
    const weight = [one.outs, one.x[1], ...one.kernel];
    const attributes = { strides: one.strides, pads: one.pads };
    return [
      { shapes: [one.x, weight, [one.outs]], attributes },
      { shapes: [one.x, weight], attributes },
    ];
  }),
  ConvInputGradient: CONVS.map((one) => ({
    shapes: [
      [one.x[0], one.outs, ...outSize(one)],
      [one.outs, one.x[1], ...one.kernel],
    ],
    attributes: { strides: one.strides, pads: one.pads, size: [one.x[2], one.x[3]] },
  })),
  ConvWeightGradient: CONVS.map((one) => ({
    shapes: [one.x, [one.x[0], one.outs, ...outSize(one)]],
    attributes: { strides: one.strides, pads: one.pads, kernel: one.kernel },
  })),
  GroupNorm: [
    { shapes: [[2, 4, 3, 2], [4], [4]], attributes: { groups: 2, epsilon: 1e-5 } },
    { shapes: [[2, 3, 4], [3], [3]], attributes: { groups: 3, epsilon: 0.1 } },
    { shapes: [[3, 4], [4], [4]], attributes: { groups: 1, epsilon: 1e-6 } },
  ],
  LayerNorm: [
    { shapes: [[2, 3, 5], [5], [5]], attributes: { epsilon: 1e-5 } },
    { shapes: [[2, 4], [4], [4]], attributes: { epsilon: 0.1 } },
  ],
  Attention: [
    {
      shapes: [
        [2, 3, 4],
        [2, 5, 4],
        [2, 5, 4],
      ],
      attributes: { heads: 2, causal: false },
    },
    {
      shapes: [
        [1, 4, 6],
        [1, 4, 6],
        [1, 4, 6],
      ],
      attributes: { heads: 3, causal: true },
    },
    {
      shapes: [
        [2, 2, 4],
        [2, 3, 4],
        [2, 3, 8],
      ],
      attributes: { heads: 2, causal: false },
    },
  ],
};
