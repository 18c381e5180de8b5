// Where to cut a graph for recomputation: segments of about the same activation bytes, each cut moved to where the fewest bytes cross it.
import type { Graph } from "@fewstep/core";

const elements = (shape: readonly number[]): number => shape.reduce((n, s) => n * s, 1);

/**
 * Positions in `graph.nodes` that part it into at most `segments` segments, for `addGradients`. Memory of the backward pass is about what
 * crosses the cuts plus one segment's activations: about the square root of the depth is a good number.
 */
export function checkpointCuts(graph: Graph, segments: number): readonly number[] {
  const made = graph.nodes.map(({ output }) => elements(output.shape));
  const total = made.reduce((a, n) => a + n, 0);
  const crossing = crossings(graph, made);
  const cuts: number[] = [];
  let before = 0;
  let best: number | undefined;
  // windows around k / segments of the bytes, half a segment wide
  for (const [position, size] of made.entries()) {
    const at = (before / total) * segments;
    const near = Math.round(at);
    const inWindow = near > 0 && near < segments && Math.abs(at - near) <= 0.25;
    if (inWindow && (best === undefined || crossing[position]! < crossing[best]!)) best = position;
    if (!inWindow && best !== undefined) {
      cuts.push(best);
      best = undefined;
    }
    before += size;
  }
  if (best !== undefined) cuts.push(best);
  return cuts;
}

/** For every position, the elements made before it and read at or after it. */
function crossings(graph: Graph, made: readonly number[]): readonly number[] {
  const lastRead = new Map<string, number>();
  for (const [i, { inputs }] of graph.nodes.entries()) {
    for (const input of inputs) if (input !== undefined) lastRead.set(input.id, i);
  }
  const change = new Float64Array(graph.nodes.length + 2);
  for (const [i, { output }] of graph.nodes.entries()) {
    const until = lastRead.get(output.id) ?? i;
    change[i + 1]! += made[i]!;
    change[Math.max(until, i) + 1]! -= made[i]!;
  }
  let crossing = 0;
  return graph.nodes.map((_, i) => {
    crossing += change[i]!;
    return crossing;
  });
}
