// The two networks of a LoRA distillation over one base: the teacher is the base alone, the student the base with adapter branches.
// The base's weights are bound by the caller: to a flat resident (a model trained here) or to the user's file.
import { type Graph, type UnetConfig, unet } from "@fewstep/core";
import { type FlatLayout, flatLayout } from "../flat/layout.js";
import { type LoraOptions, withLora } from "../lora.js";
import { type Beside, type NameOf, type Network, unetNetwork } from "../models/network.js";
import { FROZEN } from "../program/sources.js";

export interface DistilledNetworks {
  readonly teacher: Network;
  readonly student: Network;
  /** The student without a gradient: same numbers, other names. */
  readonly frozenStudent: Network;
  /** The base with an adapter whose weights' names start with the prefix. */
  readonly adapted: (prefix: string) => Network;
  readonly layout: FlatLayout;
}

/** Prefix of the adapter's weights. */
export const LORA = "lora:";

const isLora = (id: string): boolean => /\.lora_(up|down)\.weight$/.test(id);

export function distilledNetworks(
  config: UnetConfig,
  baseName: NameOf,
  lora: LoraOptions,
  beside?: Beside,
): DistilledNetworks {
  const adapt = (graph: Graph) => withLora(graph, lora);
  const naming =
    (prefix: string): NameOf =>
    (id) =>
      isLora(id) ? prefix + id : baseName(id);
  const example = adapt(unet(config, { batch: 1, height: 8, width: 8, tokens: 1 }));
  const adapted = (prefix: string): Network => unetNetwork(config, naming(prefix), adapt, beside);
  return {
    teacher: unetNetwork(config, baseName, undefined, beside),
    student: adapted(LORA),
    frozenStudent: adapted(FROZEN + LORA),
    adapted,
    layout: flatLayout(example.weights.filter(({ id }) => isLora(id))),
  };
}
