// planSampling: options -> SamplingPlan. Pure, needs no weights; everything a run will do is decided here and visible in its rows.
// Defaults where libraries differ: diffusers' way, over the samplers' own table (sampler-definitions.ts).
import { checkOptions, checkSettings } from "./check-settings.js";
import { noisingFactors } from "./img2img.js";
import { alphaOf, createNoiseSchedule, type NoiseSchedule } from "./noise-schedule.js";
import { planRows } from "./plan-rows.js";
import { type PlannedSchedule, planSchedule, scheduleSpec } from "./plan-schedule.js";
import type { Prediction, PredictionType } from "./prediction.js";
import { type Profile, profiles } from "./profiles.js";
import { type SamplerDefinition, samplerDefinitions } from "./sampler-definitions.js";
import type { SamplingOptions } from "./sampling-options.js";
import type { LatentUnits, SamplingPlan, SamplingStart } from "./sampling-plan.js";
import type { ScheduleName } from "./schedules.js";

/**
 * @throws FewstepError `bad-steps`, `bad-schedule`, `undefined-schedule`, `bad-strength`, `strength-too-low`, `bad-setting`,
 * `unused-setting`, `bad-sampling-option`, `schedule-not-finite`, `bad-guidance`, `epsilon-at-infinite-sigma`, `sampler-needs-finite-sigma`, `sampler-needs-positive-end`
 */
export function planSampling(options: SamplingOptions): SamplingPlan {
  const name = options.sampler ?? "euler";
  const definition = samplerDefinitions[name];
  const profile = profiles[options.profile ?? "diffusers"];
  checkSettings(name, definition, options.settings ?? {});
  checkOptions(options);
  const settings = { ...definition.settings, ...profile.settings[name], ...options.settings };
  const noise = createNoiseSchedule({
    ...(options.zeroTerminalSnr ? { zeroTerminalSnr: profile.zeroTerminalSnr ?? definition.zeroTerminalSnr } : {}),
    ...options.noiseSchedule,
  });
  const planned = planSchedule(options, definition, profile, noise);
  const prediction = planPrediction(definition, options.prediction ?? "epsilon");
  const rows = planRows({ options, definition, profile, settings, noise, planned, prediction });
  const units = profile.alphaBarUnits ? definition.units : "sigma";
  return {
    sampler: { name, ...settings },
    prediction,
    units,
    start: planStart(options, definition, profile, noise, planned, units),
    rows,
    builtSteps: planned.whole.timesteps.length,
    guidanceRescale: options.guidanceRescale ?? 0,
    ...(options.noise === undefined ? {} : { noise: options.noise }),
  };
}

/** The schedule that the options name, before a strength cuts it: its sigmas (last one included) and timesteps. */
export function wholeSchedule(options: SamplingOptions) {
  const definition = samplerDefinitions[options.sampler ?? "euler"];
  const profile = profiles[options.profile ?? "diffusers"];
  const noise = createNoiseSchedule({
    ...(options.zeroTerminalSnr ? { zeroTerminalSnr: profile.zeroTerminalSnr ?? definition.zeroTerminalSnr } : {}),
    ...options.noiseSchedule,
  });
  return planSchedule(options, definition, profile, noise).whole;
}

function planPrediction(definition: SamplerDefinition, given: PredictionType | Prediction): Prediction {
  const prediction = typeof given === "string" ? { type: given } : given;
  return definition.consistency ? { boundary: {}, ...prediction } : prediction;
}

function planStart(
  options: SamplingOptions,
  definition: SamplerDefinition,
  profile: Profile,
  noise: NoiseSchedule,
  { whole, kept }: PlannedSchedule,
  units: LatentUnits,
): SamplingStart {
  const factors = noisingFactors(units, kept.sigmas[0]!);
  const image = { imageScale: factors.image, imageNoise: factors.noise };
  if (units === "alpha-bar") return { rule: "alpha-bar", noise: 1, ...image };
  const largest = whole.sigmas[0]!;
  const { name, over } = scheduleSpec(options, definition);
  const rule =
    options.start ?? startRules[profile.start](largest, noise.sigmas[noise.sigmas.length - 1]!, over ?? name);
  return { rule, noise: rule === "root" ? 1 / alphaOf(largest) : largest, ...image };
}

type StartRule = (sigma: number, tableLargest: number, spacing: ScheduleName) => "sigma" | "root";

const startRules: Readonly<Record<Profile["start"], StartRule>> = {
  plain: () => "sigma",
  spacing: (_sigma, _tableLargest, spacing) => (spacing === "leading" ? "root" : "sigma"),
  largest: (sigma, tableLargest) =>
    sigma > tableLargest || Math.abs(sigma - tableLargest) <= 1e-5 * tableLargest ? "root" : "sigma",
};
