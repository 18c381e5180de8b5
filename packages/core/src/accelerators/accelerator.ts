// What an accelerator is: plain frozen data with a source for every value. Code that uses it reads properties and never asks for its name.
// Not a sampler and not a preset: settings are what the publisher says, ranges what is known to work beside that.
import type { FamilyId } from "../families/family.js";
import type { PredictionType } from "../sampling/prediction.js";
import type { SamplerName, SamplerSettings } from "../sampling/sampler-settings.js";
import type { ScheduleName, ScheduleOptions } from "../sampling/schedules.js";
import type { DType } from "../tensor/dtype.js";

export type AcceleratorId =
  | "turbo"
  | "lightning"
  | "lcm"
  | "hyper"
  | "tcd"
  | "dmd2"
  | "pcm"
  | "flash"
  | "nitro"
  | "sdxs";

/** What the file is: a low-rank adapter, a UNet to put into a checkpoint, or a whole checkpoint. */
export type AcceleratorForm = "lora" | "unet" | "checkpoint";

/** Lowest and highest value, both included. */
export type Range = readonly [low: number, high: number];

export interface AcceleratorSettings {
  readonly steps: number;
  /** fewstep's scale: 1 is one network call a step, which model cards call guidance_scale 0. */
  readonly guidance: number;
  readonly sampler: SamplerName;
  /** Where `timesteps` are given this is what other numbers of steps use. */
  readonly schedule: ScheduleName | ScheduleOptions;
  /** Exactly these, when the number of steps is theirs. */
  readonly timesteps?: readonly number[];
  /** eta of DDIM, gamma of TCD. */
  readonly settings?: SamplerSettings;
  readonly prediction: PredictionType;
  /** Distilled from a model whose noise leaves nothing of a picture at the last timestep; default false. */
  readonly zeroTerminalSnr?: boolean;
  /** 1 for whole networks. */
  readonly loraStrength: number;
  /** Edge of the square picture it was made for, in pixels. */
  readonly size: number;
  readonly timestepShift?: number;
  /** Guidance as an input of the network (full LCM models): one call a step, whatever its value. */
  readonly guidanceInput?: number;
  /** Start noise; absent: as the run's profile has it. */
  readonly start?: "sigma" | "root";
}

/** What is known to work, publisher's settings included. Step-specific files have one number of steps. */
export interface AcceleratorRanges {
  readonly steps: Range;
  /** What the publisher names. */
  readonly publishedGuidance: Range;
  /** What others report as working. */
  readonly guidance: Range;
  readonly loraStrength: Range;
  readonly gamma?: Range;
  readonly guidanceInput?: Range;
  /** Samplers beside the published one. */
  readonly samplers: readonly SamplerName[];
}

/** Other settings by the same publisher, as changes to the first. */
export interface PublishedAlternative {
  readonly title: string;
  readonly settings: Partial<AcceleratorSettings>;
  readonly source: string;
}

export interface PublishedFile {
  /** As published; files are renamed freely, so a name is a hint and no proof. */
  readonly name: string;
  readonly repository: string;
  /** Exact length, where a source gives it to the byte. */
  readonly bytes?: number;
  readonly dtype?: DType;
  readonly sha256?: string;
  /** First 12 hex digits of the SHA-256 of everything behind the safetensors header (kohya's sshs_model_hash, A1111's LoRA hash). */
  readonly tensorHash?: string;
  readonly source: string;
}

export interface LoraShape {
  /** Absent: published in several ranks. */
  readonly rank?: number;
  /** Absent: no source states it, read it from the file. */
  readonly alpha?: number;
  /** Tensors of the published file, alphas included. */
  readonly tensors?: number;
}

export interface Licence {
  readonly name: string;
  readonly commercial: "yes" | "no" | "unstated";
  readonly source: string;
}

export type SourcedValue =
  | "steps"
  | "guidance"
  | "sampler"
  | "schedule"
  | "prediction"
  | "strength"
  | "size"
  | "trained"
  | "ranges"
  | "lora";

export interface AcceleratorVariant {
  /** What a user types: `lightning-4`. One name may mean several variants, told apart by base and form. */
  readonly name: string;
  readonly accelerator: AcceleratorId;
  readonly title: string;
  readonly base: FamilyId;
  readonly form: AcceleratorForm;
  readonly files: readonly PublishedFile[];
  /** Of LoRAs only. */
  readonly lora?: LoraShape;
  readonly licence: Licence;
  readonly settings: AcceleratorSettings;
  readonly ranges: AcceleratorRanges;
  readonly alternatives: readonly PublishedAlternative[];
  /** Timesteps it was distilled at, descending; empty where nobody says. */
  readonly trained: readonly number[];
  /** What a negative prompt does when guidance is above 1. */
  readonly negative: "acts" | "weak";
  /** No larger than it was trained: subjects repeat above `settings.size`. */
  readonly sizeIsLimit?: boolean;
  /** Pictures that are not square degrade up to this many steps. */
  readonly squareUpTo?: number;
  readonly sources: Readonly<Record<SourcedValue, string>>;
}

/** What goes wrong, and how it looks. */
export interface Failure {
  readonly when: string;
  readonly looks: string;
  readonly source: string;
}

export interface Accelerator {
  readonly id: AcceleratorId;
  readonly title: string;
  /** How it was made, in a line. */
  readonly method: string;
  readonly paper: string;
  readonly variants: readonly AcceleratorVariant[];
  readonly failures: readonly Failure[];
  /** What users look for and nobody published. */
  readonly absent: readonly string[];
}

/** A variant of one step count only. */
export function hasFixedSteps({ ranges }: AcceleratorVariant): boolean {
  return ranges.steps[0] === ranges.steps[1];
}

/** Unique name of a variant: `sdxl/lightning-4/lora`. */
export function variantId({ base, name, form }: AcceleratorVariant): string {
  return `${base}/${name}/${form}`;
}

/** The publisher's settings: the first, and every alternative filled up from it. */
export function publishedSettings({ settings, alternatives }: AcceleratorVariant): readonly AcceleratorSettings[] {
  return [settings, ...alternatives.map((alternative) => ({ ...settings, ...alternative.settings }))];
}
