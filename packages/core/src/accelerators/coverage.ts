// How much of an adapter reaches a model, by kind of layer: what the linter's coverage rule and a fit report need of an AdapterFit.
import type { AdapterFit } from "../families/adapter-fit.js";

export type LayerKind = "attention" | "feed-forward" | "projection" | "convolution" | "time" | "text" | "other";

export interface Coverage {
  /** Part of the file's deltas that have a place, 0 to 1. */
  readonly part: number;
  /** Deltas with a place, by kind of layer. */
  readonly kinds: ReadonlyMap<LayerKind, number>;
}

const kinds: readonly (readonly [LayerKind, RegExp])[] = [
  ["time", /time_emb_proj$|time_embedding/],
  ["attention", /\.(?:attn[12]|attention)\./],
  ["feed-forward", /\.ff\./],
  ["projection", /\.proj_(?:in|out)$/],
  ["convolution", /\.(?:conv[12]?|conv_shortcut)$|^conv_(?:in|out)$/],
];

/** The kind of a layer of a network, by its canonical name. */
export function layerKind(network: string, module: string): LayerKind {
  if (network !== "unet") return "text";
  return kinds.find(([, pattern]) => pattern.test(module))?.[0] ?? "other";
}

export function adapterCoverage({ adapter, networks, unclaimed, misfit }: AdapterFit): Coverage {
  const lost = new Set(unclaimed);
  const misfits = new Set(misfit.map(({ module }) => module));
  const placed = adapter.targets.filter(
    ({ module, keys }) => !misfits.has(module) && !keys.some((key) => lost.has(key)),
  );
  const counts = new Map<LayerKind, number>();
  for (const [network, deltas] of networks) {
    for (const { module } of deltas) {
      const kind = layerKind(network, module);
      counts.set(kind, (counts.get(kind) ?? 0) + 1);
    }
  }
  return { part: adapter.targets.length === 0 ? 0 : placed.length / adapter.targets.length, kinds: counts };
}
