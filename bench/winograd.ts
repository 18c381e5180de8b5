// One 3x3 convolution of stride 1 in two forms: as it is, and as Winograd's F(2x2, 3x3) (Lavin and Gray 2016) in the graph's own ops:
//   Y = A^T [ (G g G^T) . (B^T d B) ] A   on tiles of 4x4 that overlap by two
// 16 products a tile and channel pair where the direct form has 36; the transforms are passes over memory.
import { type Graph, GraphBuilder, type Value } from "@fewstep/core";

const B = [
  [1, 0, -1, 0],
  [0, 1, 1, 0],
  [0, -1, 1, 0],
  [0, 1, 0, -1],
];
const G = [
  [1, 0, 0],
  [0.5, 0.5, 0.5],
  [0.5, -0.5, 0.5],
  [0, 0, 1],
];
const A = [
  [1, 1, 1, 0],
  [0, 1, -1, -1],
];

/** M (x) M: what M x M^T is for x in one column. */
const twice = (m: readonly (readonly number[])[]): readonly (readonly number[])[] =>
  m.flatMap((a) => m.map((b) => a.flatMap((x) => b.map((y) => x * y))));

/** Numbers of about 1 / sqrt(9 C): a layer's size. */
const kernelOf = (channels: number): Float32Array =>
  Float32Array.from({ length: channels * channels * 9 }, (_, i) => Math.cos(i * 1.7) / Math.sqrt(9 * channels));

function matrix(b: GraphBuilder, rows: readonly (readonly number[])[]): Value {
  return b.constant([rows.length, rows[0]!.length], Float32Array.from(rows.flat()));
}

export function convolution(channels: number, side: number): Graph {
  const b = new GraphBuilder("convolution");
  const x = b.input("x", [1, channels, side, side]);
  const weight = b.constant([channels, channels, 3, 3], kernelOf(channels));
  return b.finish([{ name: "y", value: b.op("Conv", [x, weight], { strides: [1, 1], pads: [1, 1, 1, 1] }) }]);
}

/** G g G^T of every pair of channels: [16, out, in]. */
function transformedKernel(channels: number): Float32Array {
  const [kernel, rows] = [kernelOf(channels), twice(G)];
  const pairs = channels * channels;
  const out = new Float32Array(16 * pairs);
  rows.forEach((row, k) => {
    for (let pair = 0; pair < pairs; pair++)
      out[k * pairs + pair] = row.reduce((sum, factor, i) => sum + factor * kernel[pair * 9 + i]!, 0);
  });
  return out;
}

/** @param side even */
export function winograd(channels: number, side: number): Graph {
  const b = new GraphBuilder("winograd");
  const x = b.input("x", [1, channels, side, side]);
  const half = side / 2;
  const padded = b.op("Pad", [x], { pads: [0, 0, 1, 1, 0, 0, 1, 1] });
  // even and odd rows and columns apart, so that a tile's element is a plane shifted by 0 or 1
  const split = b.op("Reshape", [padded], { shape: [channels, half + 1, 2, half + 1, 2] });
  const phases = b.op("Transpose", [split], { permutation: [2, 4, 0, 1, 3] });
  const cut = (value: Value, axis: number, start: number, length: number) =>
    b.op("Slice", [value], { axis, start, end: start + length });
  const planes = [0, 1, 2, 3].flatMap((i) =>
    [0, 1, 2, 3].map((j) => {
      const phase = cut(cut(phases, 0, i % 2, 1), 1, j % 2, 1);
      return b.op("Reshape", [cut(cut(phase, 3, i >> 1, half), 4, j >> 1, half)], {
        shape: [1, channels * half * half],
      });
    }),
  );
  const tiles = b.op("Concat", planes, { axis: 0 });
  const product = (a: Value, c: Value) => b.op("MatMul", [a, c], { transposeA: false, transposeB: false });
  const transformed = b.op("Reshape", [product(matrix(b, twice(B)), tiles)], { shape: [16, channels, half * half] });
  const kernel = b.constant([16, channels, channels], transformedKernel(channels));
  const mixed = b.op("Reshape", [product(kernel, transformed)], { shape: [16, channels * half * half] });
  const corners = b.op("Reshape", [product(matrix(b, twice(A)), mixed)], { shape: [2, 2, channels, half, half] });
  const woven = b.op("Transpose", [corners], { permutation: [2, 3, 0, 4, 1] });
  return b.finish([{ name: "y", value: b.op("Reshape", [woven], { shape: [1, channels, side, side] }) }]);
}
