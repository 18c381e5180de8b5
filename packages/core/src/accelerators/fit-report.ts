// Whether an adapter fits a checkpoint, from their headers alone: how many layers of each kind it touches, of how many the model has, which
// of its names mean nothing there, and which layers have another shape.
import type { AdapterFit, Misfit } from "../families/adapter-fit.js";
import type { NetworkId } from "../families/adapter-names.js";
import type { Parts } from "../families/parts.js";
import type { Weights } from "../weights/weights.js";
import { adapterCoverage, type LayerKind, layerKind } from "./coverage.js";

/** Layers of one kind in one network. */
export interface TouchedLayers {
  readonly network: NetworkId;
  readonly kind: LayerKind;
  readonly touched: number;
  /** That the model has. */
  readonly of: number;
}

export interface FitReport {
  /** `whole`: every delta has its place; `part`: some have not. */
  readonly verdict: "whole" | "part";
  /** Part of the file's deltas that have a place, 0 to 1. */
  readonly placed: number;
  readonly layers: readonly TouchedLayers[];
  readonly unclaimed: readonly string[];
  readonly misfit: readonly Misfit[];
}

export function fitReport(fit: AdapterFit, parts: Parts): FitReport {
  const { part } = adapterCoverage(fit);
  const layers = [...fit.networks].flatMap(([network, deltas]) => {
    const has = counted([...modulesOf(weightsOf(parts, network))].map((module) => layerKind(network, module)));
    const touches = counted(
      [...new Set(deltas.map(({ module }) => module))].map((module) => layerKind(network, module)),
    );
    return [...touches].map(([kind, touched]) => ({
      network,
      kind,
      touched,
      of: Math.max(touched, has.get(kind) ?? 0),
    }));
  });
  return {
    verdict: part === 1 && fit.unclaimed.length === 0 ? "whole" : "part",
    placed: part,
    layers,
    unclaimed: fit.unclaimed,
    misfit: fit.misfit,
  };
}

function weightsOf({ unet, text }: Parts, network: NetworkId): Weights | undefined {
  return network === "unet" ? unet?.weights : text[network === "text0" ? 0 : 1]?.weights;
}

/** Layers that multiply: what a low-rank adapter can act on. */
function modulesOf(weights: Weights | undefined): ReadonlySet<string> {
  const modules = new Set<string>();
  for (const name of weights?.names ?? []) {
    if (name.endsWith(".weight") && (weights!.get(name)?.shape.length ?? 0) >= 2) modules.add(name.slice(0, -7));
  }
  return modules;
}

function counted<T>(items: readonly T[]): ReadonlyMap<T, number> {
  const counts = new Map<T, number>();
  for (const item of items) counts.set(item, (counts.get(item) ?? 0) + 1);
  return counts;
}
