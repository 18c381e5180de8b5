// LyCORIS' get_merged_weight, which some goldens were made with, in terms of fewstep's adapters. It departs from what LyCORIS itself trains
// with, from its apply_dora_scale, and from what ComfyUI and A1111 compute, in two places that fewstep does not follow:
// - LoHa: get_weight applies alpha / rank and get_diff_weight does so again;
// - DoRA at strength m: M (1 + m (g / |M| - 1)) with M = W + delta, so strength 0 leaves the plain LoRA on. That is the interpolation
//   W + m (g M / |M| - W) plus the plain LoRA at strength 1 - m. At strength 1 the two agree.
import type { AdapterFit, Delta, PlacedDelta } from "@fewstep/core";
import type { Fitted } from "./run-adapted.js";

const twice = (delta: Delta): Delta =>
  delta.kind === "loha" ? { ...delta, alpha: (delta.alpha * delta.alpha) / delta.rank } : delta;

/** The low-rank deltas under magnitudes, without them. */
const undecomposed = ({ delta, ...rest }: PlacedDelta): readonly PlacedDelta[] =>
  delta.kind === "dora" ? [{ ...rest, delta: delta.of }] : [];

function mapped(fit: AdapterFit, change: (placed: PlacedDelta) => readonly PlacedDelta[]): AdapterFit {
  return { ...fit, networks: new Map([...fit.networks].map(([id, deltas]) => [id, deltas.flatMap(change)])) };
}

const touched = ({ networks }: AdapterFit): boolean =>
  [...networks.values()].some((deltas) => deltas.some(({ delta }) => delta.kind === "loha" || delta.kind === "dora"));

/** Adapters, each with what its strength becomes, that together do what LyCORIS merges; the adapter itself where that is the same. */
export function asLycorisMerges(plain: Fitted): readonly Fitted[] {
  const { id, fit, strength } = plain;
  if (!touched(fit)) return [plain];
  const note = ", as LyCORIS merges";
  return [
    { id, strength, note, fit: mapped(fit, (placed) => [{ ...placed, delta: twice(placed.delta) }]) },
    { id: `${id}/undecomposed`, strength: (m) => 1 - strength(m), note, fit: mapped(fit, undecomposed) },
  ];
}
