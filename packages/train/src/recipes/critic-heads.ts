// Small trained heads over the feature maps of a frozen network, as part of a critic: their logits, and R1 on what they see.
import type { GraphBuilder, Value } from "@fewstep/core";
import { type FlatLayout, flatLayout } from "../flat/layout.js";
import { gradientPenalty } from "../losses/gradient-penalty.js";
import { blockHeads, type HeadCondition } from "../models/discriminator.js";
import { includeNamed } from "../models/network.js";

type Maps = ReadonlyMap<string, Value>;
type Condition = Readonly<{ condition?: Value }>;

export interface MapHeads {
  readonly layout: FlatLayout;
  /** Logits [N], the mean over all maps. */
  logits(b: GraphBuilder, tag: string, maps: Maps, condition?: Value): Value;
  penalty(b: GraphBuilder, tag: string, maps: Maps, condition?: Value): Value;
}

/** The heads' weights are named after the maps, their inputs apart from them. */
const INPUT = "block:";

/**
 * @param shapes of the maps by name, of any batch
 * @param nameOf what a head's weight, "MAP.conv.weight" and so on, is called in the objective
 * @param condition default: the heads are told nothing of the picture's prompt
 */
export function mapHeads(
  shapes: ReadonlyMap<string, readonly number[]>,
  nameOf: (id: string) => string,
  condition?: HeadCondition,
): MapHeads {
  const headsOf = (maps: Maps) => {
    const named = [...maps].map(([name, value]) => [INPUT + name, value] as const);
    const graph = blockHeads(new Map(named.map(([name, value]) => [name, value.shape])), condition);
    return { graph, feeds: Object.fromEntries(named) };
  };
  const rename = (id: string): string => nameOf(id.replace(INPUT, ""));
  const told = (value: Value | undefined): Condition => (value === undefined ? {} : { condition: value });
  return {
    layout: flatLayout(blockHeads(shapes, condition).weights),
    logits(b, tag, maps, given) {
      const { graph, feeds } = headsOf(maps);
      return includeNamed(b, graph, { ...feeds, ...told(given) }, rename, `${tag}:heads`).get("logits")!;
    },
    penalty(b, tag, maps, given) {
      const { graph, feeds } = headsOf(maps);
      return gradientPenalty(b, graph, feeds, rename, `${tag}:penalty`, told(given));
    },
  };
}
