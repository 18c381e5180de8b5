// The closed set of ops and their attributes. Every table over ops (shapes, lowering, gradients, interpreter) is keyed by it,
// so that a new op is a compile error wherever it is not yet handled.

type None = Readonly<Record<never, never>>;

export interface OpAttributes {
  // elementwise, one input
  readonly Neg: None;
  readonly Exp: None;
  readonly Log: None;
  readonly Sqrt: None;
  readonly Reciprocal: None;
  readonly Abs: None;
  readonly Sin: None;
  readonly Cos: None;
  readonly Erf: None;
  readonly Tanh: None;
  readonly Sigmoid: None;
  readonly Relu: None;
  /** 1 where x > 0, else 0. */
  readonly Step: None;
  /** x * sigmoid(x). */
  readonly Silu: None;
  /** x * Phi(x), the exact form with erf. */
  readonly Gelu: None;
  /** x * sigmoid(1.702 x). */
  readonly QuickGelu: None;
  readonly Clip: { readonly min: number; readonly max: number };
  /** x * scale + shift, both known when the graph is built. */
  readonly Affine: { readonly scale: number; readonly shift: number };
  // elementwise, two inputs, numpy broadcasting
  readonly Add: None;
  readonly Sub: None;
  readonly Mul: None;
  readonly Div: None;
  readonly Maximum: None;
  readonly Minimum: None;
  // shape
  readonly Reshape: { readonly shape: readonly number[] };
  readonly Transpose: { readonly permutation: readonly number[] };
  readonly Concat: { readonly axis: number };
  /** Elements start to end (exclusive) of one axis. */
  readonly Slice: { readonly axis: number; readonly start: number; readonly end: number };
  /** Zeros around: [before of each axis ..., after of each axis ...]. */
  readonly Pad: { readonly pads: readonly number[] };
  readonly Expand: { readonly shape: readonly number[] };
  /** NCHW to the given height and width: out[i] = in[floor(i * inSize / outSize)]. */
  readonly ResizeNearest: { readonly height: number; readonly width: number };
  /** Rows of a table [N, ...] by i64 indices [...]. */
  readonly Gather: None;
  // reductions
  readonly ReduceSum: { readonly axes: readonly number[]; readonly keepDims: boolean };
  readonly ReduceMean: { readonly axes: readonly number[]; readonly keepDims: boolean };
  /** Over the last axis. */
  readonly Softmax: None;
  // products
  /** a [..., M, K] b [..., K, N], either transposed in its last two axes first; batch axes broadcast. */
  readonly MatMul: { readonly transposeA: boolean; readonly transposeB: boolean };
  /** x [..., in], weight [out, in], bias [out]?: x weight^T + bias. */
  readonly Linear: None;
  /** x [N, C, H, W], weight [M, C, kH, kW], bias [M]?; pads are [top, left, bottom, right]. */
  readonly Conv: {
    readonly strides: readonly [number, number];
    readonly pads: readonly [number, number, number, number];
  };
  /** Gradient of Conv for its input: dy [N, M, oH, oW], weight [M, C, kH, kW] -> [N, C, H, W] of `size`. */
  readonly ConvInputGradient: {
    readonly strides: readonly [number, number];
    readonly pads: readonly [number, number, number, number];
    readonly size: readonly [number, number];
  };
  /** Gradient of Conv for its weight: x [N, C, H, W], dy [N, M, oH, oW] -> [M, C, kH, kW]. */
  readonly ConvWeightGradient: {
    readonly strides: readonly [number, number];
    readonly pads: readonly [number, number, number, number];
    readonly kernel: readonly [number, number];
  };
  // normalisation: scale and shift are one a channel (GroupNorm: axis 1 of NC..., LayerNorm: the last axis)
  readonly GroupNorm: { readonly groups: number; readonly epsilon: number };
  readonly LayerNorm: { readonly epsilon: number };
  /** q [B, L, heads * d], k and v [B, S, heads * d]: softmax(q k^T / sqrt(d)) v, position i seeing j <= i only if causal. */
  readonly Attention: { readonly heads: number; readonly causal: boolean };
}

export type OpName = keyof OpAttributes;
