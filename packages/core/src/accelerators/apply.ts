// Fills a run's settings from an accelerator: what the user gave by hand wins, the rest is the publisher's. Pure; the answer says in a line
// what was filled in and why.
import type { SamplingOptions } from "../sampling/sampling-options.js";
import type { AcceleratorSettings, AcceleratorVariant } from "./accelerator.js";

/** What a user states of the values an accelerator would else choose. */
export interface GivenSettings extends SamplingOptions {
  /** Strength of the accelerator's LoRA. */
  readonly loraStrength?: number;
  readonly guidanceInput?: number;
  readonly size?: { readonly width: number; readonly height: number };
}

export interface AppliedAccelerator {
  readonly sampling: SamplingOptions;
  readonly loraStrength: number;
  /** Where a network takes guidance as an input: what it is given; then `sampling.guidance` is 1. */
  readonly guidanceInput?: number;
  readonly size: { readonly width: number; readonly height: number };
  /** What was filled in, and why. */
  readonly line: string;
}

export function applyAccelerator(variant: AcceleratorVariant, given: GivenSettings = {}): AppliedAccelerator {
  const { loraStrength, guidanceInput, size, ...stated } = given;
  const published = variant.settings;
  const fromGiven = stated.sampler !== undefined && stated.sampler !== published.sampler;
  const filled: SamplingOptions = {
    ...scheduleOf(published, stated),
    sampler: published.sampler,
    guidance: published.guidance,
    // what the output means: with a LoRA that is the checkpoint's affair
    ...(variant.form === "lora" ? {} : { prediction: published.prediction }),
    // eta and gamma belong to the sampler they were published for
    ...(published.settings === undefined || fromGiven ? {} : { settings: published.settings }),
    ...(published.timestepShift === undefined ? {} : { timestepShift: published.timestepShift }),
    ...(published.start === undefined ? {} : { start: published.start }),
  };
  const { steps: _count, ...others } = stated;
  const sampling: SamplingOptions = {
    ...filled,
    // timesteps published for a count stand for it: a plan takes one or the other
    ...(filled.timesteps === undefined ? stated : others),
    ...(filled.settings === undefined ? {} : { settings: { ...filled.settings, ...stated.settings } }),
  };
  const input = guidanceInput ?? published.guidanceInput;
  return {
    sampling,
    loraStrength: loraStrength ?? published.loraStrength,
    ...(input === undefined ? {} : { guidanceInput: input }),
    size: size ?? { width: published.size, height: published.size },
    line: explain(variant, filled, given),
  };
}

/** Steps, timesteps or a schedule: of the three only what the user left open. */
function scheduleOf(
  { steps, schedule, timesteps }: AcceleratorSettings,
  stated: SamplingOptions,
): Pick<SamplingOptions, "steps" | "schedule" | "timesteps"> {
  if (stated.timesteps !== undefined || stated.sigmas !== undefined) return {};
  const asked = stated.steps ?? steps;
  if (timesteps?.length === asked && stated.schedule === undefined) return { timesteps };
  return { steps: asked, ...(stated.schedule === undefined ? { schedule } : {}) };
}

function explain(variant: AcceleratorVariant, filled: SamplingOptions, given: GivenSettings): string {
  const { steps, guidance, sampler, schedule, timesteps } = filled;
  const scheduleName = typeof schedule === "object" ? schedule.name : schedule;
  const values: readonly (readonly [key: keyof GivenSettings, text: string | undefined])[] = [
    ["steps", steps === undefined ? undefined : `${steps} steps`],
    ["timesteps", timesteps === undefined ? undefined : `timesteps ${timesteps.join(", ")}`],
    ["guidance", `guidance ${guidance}`],
    ["sampler", sampler],
    ["schedule", scheduleName],
    ["loraStrength", variant.form === "lora" ? `strength ${variant.settings.loraStrength}` : undefined],
    ["size", `${variant.settings.size} pixels`],
  ];
  const chosen = values.flatMap(([key, text]) => (text === undefined || given[key] !== undefined ? [] : [text]));
  const byHand = values.flatMap(([key]) => (given[key] === undefined ? [] : [key]));
  const filledIn = chosen.length === 0 ? "nothing filled in" : `${chosen.join(", ")} (${variant.sources.steps})`;
  return `${variant.title}: ${filledIn}${byHand.length === 0 ? "" : `; by hand: ${byHand.join(", ")}`}`;
}
