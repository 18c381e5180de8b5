// Recomputed activations: the same gradients from less memory.
import type { Graph } from "@fewstep/core";
import { describe, expect, it } from "vitest";
import { interpret } from "../interpreter/interpret.test.fixture.js";
import { mergeDuplicates } from "../program/merge-duplicates.js";
import { addGradients } from "./add-gradients.js";
import { checkpointCuts } from "./checkpoint-cuts.js";
import { drawFeeds, smallUnet, withLoss } from "./small-unet.test.fixture.js";

const elements = (shape: readonly number[]): number => shape.reduce((n, s) => n * s, 1);

/** Most elements alive at once when the nodes run in order and free what nobody reads any more; reshapes cost nothing. */
function peak(graph: Graph): number {
  const owner = new Map<string, string>();
  const ownerOf = (id: string): string => owner.get(id) ?? id;
  const lastRead = new Map<string, number>();
  for (const [i, { op, inputs, output }] of graph.nodes.entries()) {
    if (op === "Reshape") owner.set(output.id, ownerOf(inputs[0]!.id));
    for (const id of [output, ...inputs].flatMap((value) => (value === undefined ? [] : [ownerOf(value.id)])))
      lastRead.set(id, i);
  }
  for (const { value } of graph.outputs) lastRead.set(ownerOf(value.id), Number.POSITIVE_INFINITY);
  const ends = new Map<number, number>();
  let [alive, most] = [0, 0];
  for (const [i, { output }] of graph.nodes.entries()) {
    if (ownerOf(output.id) === output.id) {
      const size = elements(output.shape);
      const end = lastRead.get(output.id)!;
      alive += size;
      ends.set(end, (ends.get(end) ?? 0) + size);
    }
    most = Math.max(most, alive);
    alive -= ends.get(i) ?? 0;
  }
  return most;
}

describe("recomputed activations", () => {
  const graph = withLoss(smallUnet());
  const ids = ["conv_in.weight", "mid_block.resnets.0.conv1.weight", "sample", "up_blocks.1.resnets.1.norm2.bias"];
  const feeds = drawFeeds(graph);
  const kept = addGradients(graph, "loss", ids);

  it.each([2, 4, 9])("give the same gradients in %i segments", (segments) => {
    const cuts = checkpointCuts(graph, segments);
    expect(cuts.length).toBe(segments - 1);
    const outputs = interpret(addGradients(graph, "loss", ids, { cuts }), feeds);
    for (const [name, { data }] of interpret(kept, feeds)) expect(outputs.get(name)!.data).toEqual(data);
  });

  it("need less memory, and no merging of duplicates undoes it", () => {
    const cut = addGradients(graph, "loss", ids, { cuts: checkpointCuts(graph, 6) });
    expect(peak(cut)).toBeLessThan(0.6 * peak(kept));
    expect(peak(mergeDuplicates(cut))).toBeLessThan(0.6 * peak(kept));
  });

  it("let the backward pass read nothing from inside a segment", () => {
    const cuts = checkpointCuts(graph, 5);
    const forward = new Map(graph.nodes.map(({ output }, i) => [output.id, cuts.filter((cut) => cut <= i).length]));
    const crossing = new Set(
      graph.nodes.flatMap((node) =>
        node.inputs.flatMap((input) =>
          input && forward.has(input.id) && forward.get(input.id) !== forward.get(node.output.id) ? [input.id] : [],
        ),
      ),
    );
    const added = addGradients(graph, "loss", ids, { cuts });
    const inside = added.nodes
      .filter(({ output }) => !forward.has(output.id))
      .flatMap(({ inputs }) => inputs.map((input) => input?.id ?? ""))
      .filter((id) => forward.has(id) && forward.get(id)! < cuts.length && !crossing.has(id));
    expect(inside).toEqual([]);
  });
});
