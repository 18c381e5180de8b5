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

/** A weight of an adapter: its module and which part it is. */
export const LORA_PART = /^(.+)\.(lora_(?:down|up)\.weight)$/;

/** A module's name in the file. */
export const loraModuleName = (module: string): string => `lora_unet_${module.replaceAll(".", "_")}`;

/** All tensors of the file: for `layoutSafetensors`. */
export function loraTensors({ layout, vector, alpha }: LoraFileOptions): readonly TensorToWrite[] {
  const values = unpackFlat(layout, vector);
  const modules = new Set<string>();
  const weights = layout.entries.map(({ name, shape }) => {
    const match = LORA_PART.exec(name);
    if (match === null) throw new RangeError(`${name} is no weight of an adapter`);
    const module = loraModuleName(match[1]!);
    modules.add(module);
    return f16Tensor(`${module}.${match[2]}`, shape, values.get(name)!);
  });
  return [...weights, ...[...modules].map((module) => f16Tensor(`${module}.alpha`, [], Float32Array.of(alpha)))];
}

export interface LoraOrigin {
  readonly method: string;
  readonly base: string;
  readonly iterations: number;
  readonly seed: number;
  /** The accelerator's name as the library knows it: `lcm`, `lightning-4` ... */
  readonly accelerator?: string;
  /** Steps that it was made for, where it is made for a number. */
  readonly steps?: number;
  /** The guidance scale that it is used with, where it keeps guidance. */
  readonly guidance?: number;
  /** Pixels of a training picture's side. */
  readonly size?: number;
  /** What its base predicts. */
  readonly prediction?: string;
  /** Its base starts from noise alone; default false. */
  readonly zeroTerminalSnr?: boolean;
  /** The options that it was made with, as JSON. */
  readonly options?: string;
}

/** What kohya's tools read of a LoRA file, and how it was made. */
export function loraMetadata(
  { rank, alpha }: Pick<LoraFileOptions, "rank" | "alpha">,
  made: LoraOrigin,
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
    "fewstep.iterations": String(made.iterations),
    "fewstep.seed": String(made.seed),
    ...(made.accelerator === undefined ? {} : { "fewstep.accelerator": made.accelerator }),
    ...(made.steps === undefined ? {} : { "fewstep.steps": String(made.steps) }),
    ...(made.guidance === undefined ? {} : { "fewstep.guidance": String(made.guidance) }),
    ...(made.size === undefined ? {} : { "fewstep.size": String(made.size) }),
    ...(made.prediction === undefined ? {} : { "fewstep.prediction": made.prediction }),
    ...(made.zeroTerminalSnr ? { "fewstep.zero_terminal_snr": "true" } : {}),
    ...(made.options === undefined ? {} : { "fewstep.options": made.options }),
  };
}
