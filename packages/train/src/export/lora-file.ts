// A trained adapter as a LoRA file in the layout of kohya's scripts: lora_unet_MODULE.lora_down.weight, .lora_up.weight and .alpha, F16.
import type { TensorToWrite } from "@fewstep/core";
import { type FlatLayout, unpackFlat } from "../flat/layout.js";
import { f16Tensor } from "./tensors.js";

export interface LoraFileOptions {
  readonly layout: FlatLayout;
  readonly vector: Float32Array;
  readonly rank: number;
  readonly alpha: number;
}

const PART = /^(.+)\.(lora_(?:down|up)\.weight)$/;

/** All tensors of the file: for `layoutSafetensors`. */
export function loraTensors({ layout, vector, alpha }: LoraFileOptions): readonly TensorToWrite[] {
  const values = unpackFlat(layout, vector);
  const modules = new Set<string>();
  const weights = layout.entries.map(({ name, shape }) => {
    const match = PART.exec(name);
    if (match === null) throw new RangeError(`${name} is no weight of an adapter`);
    const module = `lora_unet_${match[1]!.replaceAll(".", "_")}`;
    modules.add(module);
    return f16Tensor(`${module}.${match[2]}`, shape, values.get(name)!);
  });
  return [...weights, ...[...modules].map((module) => f16Tensor(`${module}.alpha`, [], Float32Array.of(alpha)))];
}

/** What kohya's tools read of a LoRA file, and how it was made. */
export function loraMetadata(
  { rank, alpha }: Pick<LoraFileOptions, "rank" | "alpha">,
  made: { readonly method: string; readonly base: string; readonly iterations: number; readonly seed: number },
): Readonly<Record<string, string>> {
  return {
    ss_network_module: "networks.lora",
    ss_network_dim: String(rank),
    ss_network_alpha: String(alpha),
    ss_base_model_version: "sd_v1",
    ss_sd_model_name: made.base,
    ss_steps: String(made.iterations),
    ss_seed: String(made.seed),
    ss_training_comment: `few-step distillation: ${made.method}`,
    "fewstep.method": made.method,
  };
}
