// What a program costs, from its graph alone: bytes alive at the worst moment if every value goes after its last reader (as ONNX Runtime's
// allocator does, in the order of the nodes), and multiplications of its matrix products and convolutions. Estimates, not measurements.
import { elementCount, type Node } from "@fewstep/core";
import type { Program } from "./program.js";

export interface ProgramCost {
  /** Inputs, residents, weights (as F32) and values. */
  readonly peakBytes: number;
  readonly multiplications: number;
}

const FLOAT = 4;

/** Multiplications of one node; what is not a product of matrices is left out. */
function multiplications({ op, inputs, output, attributes }: Node): number {
  const out = elementCount(output.shape);
  const shape = (i: number) => inputs[i]!.shape;
  switch (op) {
    case "Linear":
      return out * shape(1).at(-1)!;
    case "MatMul":
      return out * (attributes.transposeA ? shape(0).at(-2)! : shape(0).at(-1)!);
    case "Conv":
      return out * elementCount(shape(1).slice(1));
    case "Attention":
      return 2 * elementCount(shape(0)) * shape(1).at(-2)!;
    default:
      return 0;
  }
}

export function programCost({ graph }: Program): ProgramCost {
  const bytes = (shape: readonly number[]) => FLOAT * elementCount(shape);
  const lastReader = new Map<string, number>();
  graph.nodes.forEach(({ inputs }, i) => {
    for (const input of inputs) if (input !== undefined) lastReader.set(input.id, i);
  });
  for (const { value } of graph.outputs) lastReader.set(value.id, graph.nodes.length);
  const fixed = [...graph.inputs, ...graph.weights].reduce((sum, { shape }) => sum + bytes(shape), 0);
  let alive = 0;
  let peak = 0;
  const ending = new Map<number, number>();
  graph.nodes.forEach(({ output }, i) => {
    const size = bytes(output.shape);
    alive += size;
    peak = Math.max(peak, alive);
    const end = lastReader.get(output.id) ?? i;
    ending.set(end, (ending.get(end) ?? 0) + size);
    alive -= ending.get(i) ?? 0;
  });
  return {
    peakBytes: fixed + peak,
    multiplications: graph.nodes.reduce((sum, node) => sum + multiplications(node), 0),
  };
}
