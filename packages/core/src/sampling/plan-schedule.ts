// The schedule of a run from its options: named or listed, whole, and what a strength keeps of it.
import { FewstepError } from "../errors.js";
import { stepsForStrength } from "./img2img.js";
import type { NoiseSchedule } from "./noise-schedule.js";
import type { Profile } from "./profiles.js";
import type { SamplerDefinition } from "./sampler-definitions.js";
import type { SamplingOptions } from "./sampling-options.js";
import {
  maxSteps,
  namedSchedule,
  type Schedule,
  type ScheduleHabits,
  type ScheduleOptions,
  scheduleOfSigmas,
  scheduleOfTimesteps,
  timestepRules,
} from "./schedules.js";
import { spacings } from "./spacing.js";

export interface PlannedSchedule {
  readonly whole: Schedule;
  /** The end of it that is run. */
  readonly kept: Schedule;
  readonly habits: ScheduleHabits;
  readonly fractional: ScheduleHabits["timesteps"];
  /** What a step of diffusers' DDIM or PNDM subtracts from its timestep. */
  readonly stride: number | undefined;
}

export function planSchedule(
  options: SamplingOptions,
  definition: SamplerDefinition,
  profile: Profile,
  noise: NoiseSchedule,
): PlannedSchedule {
  const spec = scheduleSpec(options, definition);
  const habits: ScheduleHabits = {
    grid: definition.grid,
    interpolation: profile.interpolation,
    timesteps: timestepRules[profile.timesteps ?? definition.rampTimesteps?.[spec.name] ?? "fractional"],
    last: options.last ?? definition.last,
    rampRepeatsLast: definition.rampRepeatsLast ?? false,
  };
  const { timesteps, sigmas, strength } = options;
  const asked = askedSteps(options);
  const { built, kept } =
    strength === undefined ? { built: asked, kept: undefined } : stepsForStrength(asked, strength, profile.strength);
  const whole =
    timesteps !== undefined
      ? scheduleOfTimesteps(noise, timesteps, habits)
      : sigmas !== undefined
        ? scheduleOfSigmas(noise, sigmas, habits)
        : namedSchedule(noise, built, spec, habits);
  const skipped = kept === undefined ? 0 : Math.max(0, whole.timesteps.length - kept);
  const strides =
    definition.strides && profile.strides && timesteps === undefined && sigmas === undefined && spec.name in spacings;
  return {
    whole,
    kept: { sigmas: whole.sigmas.slice(skipped), timesteps: whole.timesteps.slice(skipped) },
    habits,
    fractional: timestepRules.fractional,
    stride: strides ? Math.floor(noise.sigmas.length / built) : undefined,
  };
}

/** The schedule's options, the sampler's own name where none is given. */
export function scheduleSpec(options: SamplingOptions, definition: SamplerDefinition): ScheduleOptions {
  const given = options.schedule ?? definition.schedule;
  return typeof given === "string" ? { name: given } : given;
}

function askedSteps({ steps, timesteps, sigmas }: SamplingOptions): number {
  const asked = timesteps?.length ?? (sigmas === undefined ? steps : sigmas.length - 1);
  const given = [steps, timesteps, sigmas].filter((one) => one !== undefined).length;
  if (given === 1 && asked !== undefined && Number.isInteger(asked) && asked >= 1 && asked <= maxSteps) return asked;
  throw new FewstepError({
    code: "bad-steps",
    message: "a run needs a number of steps, or a list of timesteps, or one of sigmas",
    found: `steps ${steps ?? "none"}, ${timesteps?.length ?? "no"} timesteps, ${sigmas?.length ?? "no"} sigmas`,
    expected: `exactly one of them, with 1 to ${maxSteps} steps`,
  });
}
