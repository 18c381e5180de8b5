// 3x3 convolutions of stride 1 as Winograd's F(2x2, 3x3) (Lavin and Gray 2016, section 4.1), in the graph's own ops:
//   Y = A^T [ (G g G^T) . (B^T d B) ] A   on tiles d of 4x4 that overlap by two and give 2x2 each
// 16 products a tile and pair of channels where the direct form has 36. What is won is lost again in the transforms, which are passes over
// memory, where channels are few or the picture is small; `worth` says where it is not (measured: docs/performance).
import type { ConstantValue, Graph, Node, NodeOf, Value } from "../graph.js";
import type { OpAttributes, OpName } from "../ops/op-attributes.js";
import { outputType } from "../ops/shape-rules.js";

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

type Matrix = readonly (readonly number[])[];

/** The Kronecker product of m with itself: m x m^T on x as one column. */
const twice = (m: Matrix): Matrix => m.flatMap((a) => m.map((b) => a.flatMap((x) => b.map((y) => x * y))));

/** Fewer channels do not pay the transforms. */
const LEAST_CHANNELS = 256;
/** Fewer pixels do not pay the kernel's transform, which is done anew in every call since kernels stay in their file. */
const LEAST_AREA = 4096;
/** Tiles hold four times the picture: a larger one is done in strips of rows, which the processor's caches hold better as well. */
const STRIP_BYTES = 64e6;

/** Whether a convolution has the form, and is faster by it. */
function worth({ op, inputs, attributes }: Node): boolean {
  if (op !== "Conv") return false;
  const [, channels, height, width] = inputs[0]!.shape as [number, number, number, number];
  const [out, , ...kernel] = inputs[1]!.shape;
  const { strides, pads } = attributes;
  return (
    [...kernel, ...strides, ...pads].join() === "3,3,1,1,1,1,1,1" &&
    height % 2 === 0 &&
    width % 2 === 0 &&
    Math.min(channels, out!) >= LEAST_CHANNELS &&
    height * width >= LEAST_AREA
  );
}

/** The graph with Winograd's form wherever it is worth it. Weights, inputs, outputs and modules stay as they are. */
export function withWinograd(graph: Graph): Graph {
  if (!graph.nodes.some(worth)) return graph;
  const constants: ConstantValue[] = [];
  const constant = (name: string, shape: readonly number[], matrix: Matrix): Value => {
    const value = { id: `winograd/${name}`, dtype: "f32", shape, data: Float32Array.from(matrix.flat()) } as const;
    constants.push(value);
    return value;
  };
  const forms = {
    // [B^T d B] of every 4x4 tile is a convolution of each channel by 16 filters
    tiles: constant("tiles", [16, 1, 4, 4], twice(B)),
    kernel: constant("kernel", [16, 9], twice(G)),
    corners: constant("corners", [4, 16], twice(A)),
  };
  const nodes = graph.nodes.flatMap((node) => (worth(node) ? transformed(node as NodeOf<"Conv">, forms) : [node]));
  return Object.freeze({ ...graph, nodes, constants: [...graph.constants, ...constants] });
}

interface Forms {
  readonly tiles: Value;
  readonly kernel: Value;
  readonly corners: Value;
}

function transformed({ inputs: [x, weight, bias], output }: NodeOf<"Conv">, forms: Forms): readonly Node[] {
  const nodes: Node[] = [];
  const add = <O extends OpName>(op: O, inputs: readonly Value[], attributes: OpAttributes[O], id?: string): Value => {
    const value = { id: id ?? `${output.id}/winograd#${nodes.length}`, ...outputType(op, inputs, attributes) };
    nodes.push({ op, inputs, attributes, output: value } as Node);
    return value;
  };
  const reshape = (value: Value, ...shape: readonly number[]) => add("Reshape", [value], { shape });
  const [batch, channels, height, width] = x!.shape as [number, number, number, number];
  const out = weight!.shape[0]!;
  const columns = width / 2;
  const pairs = reshape(weight!, out * channels, 9);
  const kernel = reshape(
    add("MatMul", [forms.kernel, pairs], { transposeA: false, transposeB: true }),
    ...[16, out, channels],
  );
  const strips = stripsOf(height / 2, 4 * 16 * batch * Math.max(channels, out) * columns);
  const parts = strips.map(([first, end]) => {
    // a tile reaches one pixel beyond its 2x2 on every side
    const [from, to] = [Math.max(0, 2 * first - 1), Math.min(height, 2 * end + 1)];
    const rows = strips.length === 1 ? x! : add("Slice", [x!], { axis: 2, start: from, end: to });
    const tiles = (end - first) * columns;
    const filtered = add("Conv", [reshape(rows, batch * channels, 1, to - from, width), forms.tiles], {
      strides: [2, 2],
      pads: [from - 2 * first + 1, 1, 2 * end + 1 - to, 1],
    });
    const data = add("Transpose", [reshape(filtered, batch, channels, 16, tiles)], { permutation: [0, 2, 1, 3] });
    const products = add("MatMul", [kernel, data], { transposeA: false, transposeB: false });
    const corners = add("MatMul", [forms.corners, reshape(products, batch, 16, out * tiles)], {
      transposeA: false,
      transposeB: false,
    });
    const woven = add("Transpose", [reshape(corners, batch, 2, 2, out, end - first, columns)], {
      permutation: [0, 3, 4, 1, 5, 2],
    });
    return reshape(woven, batch, out, 2 * (end - first), width);
  });
  const whole = parts.length === 1 ? parts[0]! : add("Concat", parts, { axis: 2 });
  if (bias === undefined) add("Reshape", [whole], { shape: whole.shape }, output.id);
  else add("Add", [whole, reshape(bias, 1, out, 1, 1)], {}, output.id);
  return nodes;
}

/** Rows of tiles [first, end) in parts as alike as can be, none of more than STRIP_BYTES. */
function stripsOf(rows: number, rowBytes: number): readonly (readonly [first: number, end: number])[] {
  const count = Math.min(rows, Math.ceil((rows * rowBytes) / STRIP_BYTES));
  const edge = (i: number) => Math.round((i * rows) / count);
  return Array.from({ length: count }, (_, i) => [edge(i), edge(i + 1)] as const);
}
