// diffusers' scheduler_config.json as sampling options: what a checkpoint folder says about how it wants to be sampled.
// A missing key takes the class's own default, as in diffusers; what fewstep cannot do is refused by name, never ignored.
import { FewstepError } from "../errors.js";
import type { BetaCurve, NoiseScheduleOptions } from "./noise-schedule.js";
import type { Prediction, PredictionType } from "./prediction.js";
import { samplerDefinitions } from "./sampler-definitions.js";
import type { SamplerName, SamplerSettings } from "./sampler-settings.js";
import type { SamplingOptions } from "./sampling-options.js";
import type { ScheduleName, ScheduleOptions } from "./schedules.js";
import type { SpacingName } from "./spacing.js";

/** The parsed JSON. */
export type DiffusersSchedulerConfig = Readonly<Record<string, unknown>>;

interface SchedulerClass {
  readonly sampler: SamplerName;
  readonly spacing: SpacingName;
  /** karras, exponential and beta sigmas run between the sigmas the spacing selects, not over the whole table. */
  readonly rampsOverSpacing?: boolean;
  readonly betaRange?: readonly [number, number];
  readonly betaCurve?: BetaCurve;
  readonly clips?: boolean;
  readonly alphaToOne?: boolean;
  readonly settings?: (config: Reader) => SamplerSettings;
}

const stableDiffusionBetas = { betaRange: [0.00085, 0.012] } as const;
const kDiffusion = { spacing: "linspace", rampsOverSpacing: true } as const;
const solver = (config: Reader): SamplerSettings => ({
  order: config.number("solver_order", 2),
  solver: config.oneOf("solver_type", ["midpoint", "heun"], "midpoint"),
  eta: config.oneOf("algorithm_type", ["dpmsolver++", "sde-dpmsolver++"], "dpmsolver++") === "dpmsolver++" ? 0 : 1,
});

export const diffusersSchedulers: Readonly<Record<string, SchedulerClass>> = {
  EulerDiscreteScheduler: { ...kDiffusion, sampler: "euler" },
  EulerAncestralDiscreteScheduler: { ...kDiffusion, sampler: "euler_ancestral" },
  HeunDiscreteScheduler: { ...kDiffusion, ...stableDiffusionBetas, sampler: "heun" },
  KDPM2DiscreteScheduler: { ...kDiffusion, ...stableDiffusionBetas, sampler: "dpm_2" },
  KDPM2AncestralDiscreteScheduler: { ...kDiffusion, ...stableDiffusionBetas, sampler: "dpm_2_ancestral" },
  LMSDiscreteScheduler: { ...kDiffusion, sampler: "lms" },
  DPMSolverSDEScheduler: { ...kDiffusion, ...stableDiffusionBetas, sampler: "dpmpp_sde" },
  DDIMScheduler: { sampler: "ddim", spacing: "leading", clips: true, alphaToOne: true },
  PNDMScheduler: {
    sampler: "pndm",
    spacing: "leading",
    alphaToOne: false,
    settings: (config) => ({ rungeKutta: !config.flag("skip_prk_steps", false) }),
  },
  DDPMScheduler: {
    sampler: "ddpm",
    spacing: "leading",
    clips: true,
    settings: (config) => ({
      variance:
        config.oneOf("variance_type", ["fixed_small", "fixed_large"], "fixed_small") === "fixed_small"
          ? "small"
          : "large",
    }),
  },
  LCMScheduler: { ...stableDiffusionBetas, betaCurve: "scaled_linear", sampler: "lcm", spacing: "leading" },
  TCDScheduler: { ...stableDiffusionBetas, betaCurve: "scaled_linear", sampler: "tcd", spacing: "leading" },
  DPMSolverMultistepScheduler: {
    sampler: "dpmpp_2m",
    spacing: "linspace",
    settings: (config) => ({
      ...solver(config),
      lowerOrderFinal: config.flag("lower_order_final", true),
      eulerAtFinal: config.flag("euler_at_final", false),
    }),
  },
  DPMSolverSinglestepScheduler: {
    sampler: "dpmpp_singlestep",
    spacing: "linspace",
    settings: (config) => ({ ...solver(config), lowerOrderFinal: config.flag("lower_order_final", false) }),
  },
  DEISMultistepScheduler: {
    sampler: "deis",
    spacing: "linspace",
    settings: (config) => ({
      order: config.number("solver_order", 2),
      lowerOrderFinal: config.flag("lower_order_final", true),
    }),
  },
  UniPCMultistepScheduler: {
    sampler: "unipc",
    spacing: "linspace",
    settings: (config) => ({
      order: config.number("solver_order", 2),
      solver: config.oneOf("solver_type", ["bh1", "bh2"], "bh2"),
      lowerOrderFinal: config.flag("lower_order_final", true),
      combine: config.flag("predict_x0", true) ? "denoised" : "noise",
      uncorrectedRows: config.numbers("disable_corrector"),
    }),
  },
};

/**
 * Sampling options of a scheduler class and its config; `steps` and the rest are the caller's to add.
 * @throws FewstepError `unknown-scheduler`, `unsupported-scheduler-config`
 */
export function optionsOfDiffusersScheduler(className: string, config: DiffusersSchedulerConfig): SamplingOptions {
  const entry = Object.hasOwn(diffusersSchedulers, className) ? diffusersSchedulers[className] : undefined;
  if (entry === undefined) {
    throw new FewstepError({
      code: "unknown-scheduler",
      message: "the scheduler class is not known",
      found: className,
      expected: Object.keys(diffusersSchedulers).join(", "),
    });
  }
  const reader = createReader(config);
  refuseUnsupported(reader);
  const { sampler } = entry;
  const spacing = reader.oneOf("timestep_spacing", ["linspace", "leading", "trailing"], entry.spacing);
  const prediction = predictionOf(reader, sampler);
  const clips = entry.clips !== undefined && reader.flag("clip_sample", entry.clips);
  const continuous = reader.oneOf("timestep_type", ["discrete", "continuous"], "discrete") === "continuous";
  const last = endOf(reader, entry);
  return {
    sampler,
    schedule: scheduleOf(reader, entry, spacing),
    prediction,
    noiseSchedule: noiseScheduleOf(reader, entry),
    zeroTerminalSnr: reader.flag("rescale_betas_zero_snr", false),
    settings: {
      ...entry.settings?.(reader),
      ...(clips ? { clip: reader.number("clip_sample_range", 1) } : {}),
    },
    ...(last === undefined ? {} : { last }),
    ...(continuous && prediction.type === "v" ? { timestepInput: "quarter-log-sigma" } : {}),
    start: spacing === "leading" ? "root" : "sigma",
    profile: "diffusers",
  };
}

const predictionWords: Readonly<Record<string, PredictionType>> = {
  epsilon: "epsilon",
  v_prediction: "v",
  sample: "sample",
  original_sample: "sample",
};

function predictionOf(reader: Reader, sampler: SamplerName): Prediction {
  const type = predictionWords[reader.oneOf("prediction_type", Object.keys(predictionWords), "epsilon")]!;
  if (!samplerDefinitions[sampler].consistency) return { type };
  return { type, boundary: { timestepScaling: reader.number("timestep_scaling", 10) } };
}

const rampFlags: readonly (readonly [string, ScheduleName])[] = [
  ["use_karras_sigmas", "karras"],
  ["use_exponential_sigmas", "exponential"],
  ["use_beta_sigmas", "beta_sigmas"],
  ["use_lu_lambdas", "lu"],
];

function scheduleOf(reader: Reader, entry: SchedulerClass, spacing: SpacingName): ScheduleOptions {
  const own = samplerDefinitions[entry.sampler].schedule;
  if (own === "lcm") return { name: "lcm", originSteps: reader.number("original_inference_steps", 50) };
  const stepsOffset = reader.number("steps_offset", 0);
  const ramp = rampFlags.find(([flag]) => reader.flag(flag, false))?.[1];
  const logLinear = reader.oneOf("interpolation_type", ["linear", "log_linear"], "linear") === "log_linear";
  if (ramp === undefined)
    return logLinear ? { name: "log_linear", over: spacing, stepsOffset } : { name: spacing, stepsOffset };
  const sigmaMin = reader.optionalNumber("sigma_min");
  const sigmaMax = reader.optionalNumber("sigma_max");
  return {
    name: ramp,
    stepsOffset,
    ...(entry.rampsOverSpacing && !logLinear ? { over: spacing } : {}),
    ...(sigmaMin === undefined ? {} : { sigmaMin }),
    ...(sigmaMax === undefined ? {} : { sigmaMax }),
  };
}

function noiseScheduleOf(reader: Reader, entry: SchedulerClass): NoiseScheduleOptions {
  const [betaStart, betaEnd] = entry.betaRange ?? [0.0001, 0.02];
  const betas = reader.numbers("trained_betas");
  return {
    trainTimesteps: reader.number("num_train_timesteps", 1000),
    betaStart: reader.number("beta_start", betaStart),
    betaEnd: reader.number("beta_end", betaEnd),
    betaCurve: reader.oneOf(
      "beta_schedule",
      ["scaled_linear", "linear", "squaredcos_cap_v2"],
      entry.betaCurve ?? "linear",
    ),
    ...(betas.length > 0 ? { betas } : {}),
  };
}

/** LCM and TCD end as their step says, whatever the config's alphas say. */
function endOf(reader: Reader, entry: SchedulerClass): "zero" | "sigma_min" | undefined {
  if (entry.alphaToOne !== undefined) return reader.flag("set_alpha_to_one", entry.alphaToOne) ? "zero" : "sigma_min";
  const word = reader.oneOf("final_sigmas_type", ["", "zero", "sigma_min"], "");
  return word === "" ? undefined : (word as "zero" | "sigma_min");
}

const unsupportedFlags = ["thresholding", "use_flow_sigmas", "use_dynamic_shifting"];

function refuseUnsupported(reader: Reader): void {
  const flag = unsupportedFlags.find((key) => reader.flag(key, false));
  const clipped = reader.optionalNumber("lambda_min_clipped");
  if (flag === undefined && clipped === undefined) return;
  throw unsupported(flag ?? "lambda_min_clipped", flag === undefined ? clipped : true, "the default");
}

interface Reader {
  flag(key: string, fallback: boolean): boolean;
  number(key: string, fallback: number): number;
  optionalNumber(key: string): number | undefined;
  numbers(key: string): readonly number[];
  oneOf<const T extends string>(key: string, allowed: readonly T[], fallback: NoInfer<T>): T;
}

/** Typed access; null counts as missing, and so does the word for minus infinity. */
function createReader(config: DiffusersSchedulerConfig): Reader {
  const value = (key: string): unknown => {
    const found = Object.hasOwn(config, key) ? config[key] : undefined;
    return found === null || found === "-inf" || found === -Infinity ? undefined : found;
  };
  const checked = <T>(key: string, is: (found: unknown) => found is T, expected: string): T | undefined => {
    const found = value(key);
    if (found === undefined) return undefined;
    if (!is(found)) throw unsupported(key, found, expected);
    return found;
  };
  const isNumber = (found: unknown): found is number => Number.isFinite(found);
  return {
    flag: (key, fallback) => checked(key, (found) => typeof found === "boolean", "true or false") ?? fallback,
    number: (key, fallback) => checked(key, isNumber, "a number") ?? fallback,
    optionalNumber: (key) => checked(key, isNumber, "a number"),
    numbers: (key) =>
      checked(key, (found): found is number[] => Array.isArray(found) && found.every(isNumber), "a list of numbers") ??
      [],
    oneOf: <const T extends string>(key: string, allowed: readonly T[], fallback: NoInfer<T>): T =>
      checked(
        key,
        (found): found is T => allowed.includes(found as T),
        allowed.filter((word) => word !== "").join(", "),
      ) ?? fallback,
  };
}

function unsupported(key: string, found: unknown, expected: string): FewstepError {
  return new FewstepError({
    code: "unsupported-scheduler-config",
    message: `the scheduler config's ${key} is not supported`,
    found: JSON.stringify(found) ?? String(found),
    expected,
  });
}
