// Fits an adapter to a model: which deltas go where, which names mean nothing to this model, which shapes disagree. An adapter of another
// family is refused in one line that names both.
import { FewstepError } from "../errors.js";
import { showName } from "../files/show-name.js";
import type { NetworkAdapter } from "../graph/passes/adapter-parts.js";
import { formatShape } from "../tensor/shape.js";
import {
  type Adapter,
  type AdapterRequest,
  type AdapterTarget,
  blockFactor,
  type PlacedDelta,
} from "../weights/adapters/adapter.js";
import { deltaFits, deltaRows, deltaSize, showSize } from "../weights/adapters/delta-size.js";
import type { Weights } from "../weights/weights.js";
import { adapterNames, type NetworkId, type ResolvedModule } from "./adapter-names.js";
import { families } from "./family.js";
import type { Parts } from "./parts.js";

export interface Misfit {
  /** As the file spells it. */
  readonly module: string;
  readonly found: string;
  readonly expected: string;
}

export interface AdapterFit {
  readonly adapter: Adapter;
  /** The deltas of each network that the adapter touches. */
  readonly networks: ReadonlyMap<NetworkId, readonly PlacedDelta[]>;
  /** Names in the file that mean nothing to this model. */
  readonly unclaimed: readonly string[];
  readonly misfit: readonly Misfit[];
}

/** An adapter fitted to a checkpoint, with the strengths that are asked for. */
export interface ActiveAdapter extends Omit<AdapterRequest, "adapter"> {
  /** Unique among the adapters of a run. */
  readonly id: string;
  readonly fit: AdapterFit;
}

/** Widths of the text states, by which an adapter's cross-attention tells its family. */
const CONTEXT_WIDTHS: ReadonlyMap<number, string> = new Map([
  [768, families.sd15.title],
  [1024, families.sd21.title],
  [2048, families.sdxl.title],
]);
const titleOf = (width: number): string => CONTEXT_WIDTHS.get(width) ?? `a model with text states ${width} wide`;

/** Throws `adapter-family`, or `adapter-no-match` when nothing of the adapter belongs to the model. */
export function fitAdapter(adapter: Adapter, parts: Parts): AdapterFit {
  checkFamily(adapter, parts);
  const resolve = adapterNames(parts);
  const networks = new Map<NetworkId, PlacedDelta[]>();
  const unclaimed = [...adapter.unclaimed];
  const misfit: Misfit[] = [];
  for (const target of adapter.targets) {
    const modules = resolve(target.module);
    if (modules.length === 0) unclaimed.push(...target.keys);
    for (const module of modules) {
      const placed = place(target, module, parts);
      if ("expected" in placed) {
        misfit.push(placed);
        continue;
      }
      const known = networks.get(module.network);
      if (known === undefined) networks.set(module.network, [placed]);
      else known.push(placed);
    }
  }
  if (networks.size === 0) throw noMatch(adapter, unclaimed, misfit);
  return { adapter, networks, unclaimed, misfit };
}

/** The adapter on one network at the request's strengths, as the passes want it; undefined where it has nothing for that network. */
export function adapterOnNetwork(
  id: string,
  { networks }: AdapterFit,
  { strengthUnet, strengthText, strengthSteps, blocks }: Omit<AdapterRequest, "adapter">,
  network: NetworkId,
): (NetworkAdapter & { readonly strength: number; readonly strengthSteps?: readonly number[] }) | undefined {
  const deltas = networks.get(network);
  if (deltas === undefined) return undefined;
  const factor = (module: string) => blockFactor(blocks, module);
  if (network !== "unet") return { id, deltas, strength: strengthText, factor };
  return { id, deltas, strength: strengthUnet, factor, ...(strengthSteps && { strengthSteps }) };
}

/** One line each for names and shapes that do not belong to the model; none if all do. */
export function fitNotes({ adapter, unclaimed, misfit }: AdapterFit): readonly string[] {
  const shapes = misfit.map(({ module, found, expected }) => `${showName(module)} ${found} instead of ${expected}`);
  return [
    ...(unclaimed.length === 0
      ? []
      : [`${adapter.name}: ${firstOf(unclaimed.map(showName), "tensor", "the model has no place for")}`]),
    ...(misfit.length === 0
      ? []
      : [`${adapter.name}: ${firstOf(shapes, "layer", "of another shape than the model's")}`]),
  ];
}

function firstOf(items: readonly string[], what: string, why: string): string {
  const many = items.length === 1 ? what : `${what}s`;
  return `${items.length} ${many} ${why}: ${items.slice(0, 5).join(", ")}${items.length > 5 ? " ..." : ""}`;
}

function weightsOfNetwork(parts: Parts, network: NetworkId): Weights {
  return network === "unet" ? parts.unet!.weights : parts.text[network === "text0" ? 0 : 1]!.weights;
}

function isTransposed(parts: Parts, { network, module }: ResolvedModule): boolean {
  if (network === "unet" || module !== "text_projection") return false;
  return parts.text[network === "text0" ? 0 : 1]!.config.projectionLayout === "in-out";
}

function place(target: AdapterTarget, resolved: ResolvedModule, parts: Parts): PlacedDelta | Misfit {
  const { module, band } = resolved;
  const tensor = weightsOfNetwork(parts, resolved.network).get(`${module}.${target.parameter}`);
  const size = deltaSize(target.delta);
  const found = showSize(size);
  if (tensor === undefined) return { module: target.module, found, expected: `no ${target.parameter} at all` };
  const transposed = target.parameter === "weight" && isTransposed(parts, resolved);
  const shape = transposed ? tensor.shape.toReversed() : tensor.shape;
  const rows = band === undefined ? 0 : size.out === undefined ? shape[0]! : size.out / band.of;
  const delta = band === undefined ? target.delta : deltaRows(target.delta, band.index * rows, (band.index + 1) * rows);
  if (delta === undefined || !Number.isInteger(rows) || !deltaFits(delta, shape))
    return { module: target.module, found, expected: formatShape(shape) };
  return { module, parameter: target.parameter, delta, transposed };
}

function checkFamily(adapter: Adapter, parts: Parts): void {
  const expected = parts.unet?.config.contextWidth;
  const cross = adapter.targets.find(({ module }) => /[._]attn2[._](?:processor[._])?to_[kv]$/.test(module));
  const width = cross && deltaSize(cross.delta).inner?.[0];
  if (expected === undefined || width === undefined || width === expected) return;
  throw new FewstepError({
    code: "adapter-family",
    message: `${adapter.name} is for ${titleOf(width)}, the model is ${titleOf(expected)}`,
    found: `text states ${width} wide in ${showName(cross!.module)}`,
    expected: `${expected} wide`,
    hint: "use an adapter and a model of one family",
  });
}

function noMatch(adapter: Adapter, unclaimed: readonly string[], misfit: readonly Misfit[]): FewstepError {
  const lines = fitNotes({ adapter, networks: new Map(), unclaimed, misfit });
  return new FewstepError({
    code: "adapter-no-match",
    message: `nothing in ${adapter.name} belongs to this model`,
    found: lines.join("; "),
    hint: "the adapter is for another model family, or for a part that this checkpoint lacks",
  });
}
