// d loss / d x by central differences in doubles, twice refined (Richardson): error O(h^6), so h may be large enough for rounding not to matter.
import type { Graph } from "@fewstep/core";
import { interpret } from "./interpret.test.fixture.js";
import type { Nd } from "./nd.test.fixture.js";

/** The gradient of output `loss` for the elements `indices` of `id`. */
export function finiteDifferences(
  graph: Graph,
  loss: string,
  feeds: ReadonlyMap<string, Nd>,
  id: string,
  indices: readonly number[],
  h = 2 ** -8,
): readonly number[] {
  const { shape, data } = feeds.get(id)!;
  return indices.map((index) => {
    const lossAt = (delta: number): number => {
      const moved = data.slice();
      moved[index]! += delta;
      return interpret(graph, new Map([...feeds, [id, { shape, data: moved }]])).get(loss)!.data[0]!;
    };
    const slope = (step: number): number => (lossAt(step) - lossAt(-step)) / (2 * step);
    const [coarse, middle, fine] = [slope(h), slope(h / 2), slope(h / 4)] as const;
    const [once, twice] = [(4 * middle - coarse) / 3, (4 * fine - middle) / 3] as const;
    return (16 * twice - once) / 15;
  });
}
