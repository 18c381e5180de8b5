// Every named schedule as data: a name -> the descending sigmas of one run and the timestep fed with each.
// A schedule knows no sampler; what samplers and libraries do differently about the same name comes in as `habits`.
// Names are ComfyUI's where it has one; names.ts maps the words of A1111 and diffusers onto them.
import { FewstepError } from "../errors.js";
import { betaQuantile } from "./beta-quantile.js";
import { linspace, roundHalfEven } from "./linspace.js";
import {
  interpolate,
  type NoiseSchedule,
  nearestTimestep,
  type SigmaInterpolation,
  sigmaAt,
  timestepAt,
} from "./noise-schedule.js";
import { alignYourSteps, gitsSigmas } from "./published-sigmas.js";
import { logLinearResample, type RampName, ramps } from "./ramps.js";
import { undefinedSchedule } from "./schedule-error.js";
import { consistencyTimesteps, type GridStyle, type SpacingName, spacings } from "./spacing.js";

/** The descending sigmas of one run, the last one included, and one timestep per step. */
export interface Schedule {
  readonly sigmas: readonly number[];
  readonly timesteps: readonly number[];
}

/** What libraries and samplers do differently about the same schedule. */
export interface ScheduleHabits {
  readonly grid: GridStyle;
  /** sigma at a fractional timestep of `linspace`. */
  readonly interpolation: SigmaInterpolation;
  /** How a sigma that was chosen first becomes the timestep that is fed. */
  readonly timesteps: (noise: NoiseSchedule, sigma: number) => number;
  /** Where the last step ends: 0, or the table's smallest sigma. */
  readonly last: "zero" | "sigma_min";
  /** A ramp that ends at sigma_min repeats its own last sigma (diffusers' DEIS and UniPC; another only for a single step). */
  readonly rampRepeatsLast: boolean;
}

export interface ScheduleOptions {
  readonly name: ScheduleName;
  /** karras, exponential, beta_sigmas ...: run between the sigmas this spacing selects; default: over the whole table. */
  readonly over?: SpacingName;
  /** leading: default 0 (diffusers' Stable Diffusion configs say 1). */
  readonly stepsOffset?: number;
  readonly rho?: number;
  readonly sigmaMin?: number;
  readonly sigmaMax?: number;
  /** lcm: see ConsistencyGrid. */
  readonly originSteps?: number;
  readonly originStrength?: number;
  readonly everyTimestep?: boolean;
}

export type ScheduleName =
  | SpacingName
  | RampName
  | keyof typeof alignYourSteps
  | "normal"
  | "sgm_uniform"
  | "simple"
  | "ddim_uniform"
  | "beta"
  | "kl_optimal_open"
  | "linear_quadratic"
  | "log_linear"
  | "gits"
  | "turbo"
  | "lcm"
  | "lcm_sgm_uniform"
  | "lcm_linspace";

interface ScheduleRequest {
  readonly noise: NoiseSchedule;
  readonly steps: number;
  readonly options: ScheduleOptions;
  readonly habits: ScheduleHabits;
}

/** Timesteps come first and sigmas are looked up, or the reverse. `last` missing: as the habits say. */
interface Choice {
  readonly timesteps?: readonly number[];
  readonly sigmas?: readonly number[];
  readonly last?: number | "none";
}

const ramp: (name: RampName) => (request: ScheduleRequest) => Choice = (name) => (request) => ({
  sigmas: ramps[name](request.steps, rampRange(request)),
});

const resampled = (name: keyof typeof alignYourSteps, intervals: 0 | 1) => (request: ScheduleRequest) => ({
  sigmas: logLinearResample(alignYourSteps[name], request.steps + intervals).slice(0, request.steps),
  last: 0,
});

const definitions: Readonly<Record<ScheduleName, (request: ScheduleRequest) => Choice>> = {
  trailing: (request) => ({ timesteps: spaced(request, "trailing") }),
  leading: (request) => ({ timesteps: spaced(request, "leading") }),
  linspace: (request) => ({ timesteps: spaced(request, "linspace") }),
  karras: ramp("karras"),
  exponential: ramp("exponential"),
  polyexponential: ramp("polyexponential"),
  beta_sigmas: ramp("beta_sigmas"),
  lu: ramp("lu"),
  kl_optimal: (request) => {
    if (request.steps < 2) throw undefinedSchedule("kl_optimal", request.steps, "2 or more");
    return ramp("kl_optimal")(request);
  },
  kl_optimal_open: (request) => ({ sigmas: ramps.kl_optimal(request.steps + 1, rampRange(request)), last: "none" }),
  log_linear: (request) => ({
    sigmas: ramps.exponential(request.steps + 1, rampRange(request)),
    timesteps: spaced(request, request.options.over ?? "linspace"),
  }),
  normal: (request) => logSpaced(request, linspace(topOf(request), 0, request.steps)),
  sgm_uniform: (request) => logSpaced(request, linspace(topOf(request), 0, request.steps, false)),
  simple: ({ noise, steps }) => {
    const size = noise.sigmas.length;
    return { timesteps: Array.from({ length: steps }, (_, i) => size - 1 - Math.floor((size * i) / steps)), last: 0 };
  },
  ddim_uniform: ({ noise, steps }) => {
    const stride = Math.max(1, Math.floor(noise.sigmas.length / steps));
    const timesteps: number[] = [];
    for (let t = 1; t < noise.sigmas.length; t += stride) timesteps.unshift(t);
    return { timesteps, last: 0 };
  },
  beta: (request) => {
    const timesteps = linspace(0, 1, request.steps, false).map((part) =>
      roundHalfEven(betaQuantile(1 - part, 0.6, 0.6) * topOf(request)),
    );
    return { timesteps: timesteps.filter((t, i) => t !== timesteps[i - 1]), last: 0 };
  },
  linear_quadratic: (request) => ({ sigmas: linearQuadratic(request.steps, rampRange(request).max), last: 0 }),
  ays_sd15: resampled("ays_sd15", 1),
  ays_sdxl: resampled("ays_sdxl", 1),
  ays_sd15_rounded: resampled("ays_sd15_rounded", 0),
  ays_sdxl_rounded: resampled("ays_sdxl_rounded", 0),
  gits: ({ steps }) => {
    if (steps < 2) throw undefinedSchedule("gits", steps, "2 or more");
    const longest = gitsSigmas[gitsSigmas.length - 1]!;
    const smallest = 0.02916753;
    return {
      sigmas: gitsSigmas[steps - 2] ?? logLinearResample([...longest, smallest], steps + 1).slice(0, steps),
      last: 0,
    };
  },
  turbo: ({ steps }) => {
    if (steps > 10) throw undefinedSchedule("turbo", steps, "10 at most: t = 999, 899 ... 99");
    return { timesteps: Array.from({ length: steps }, (_, i) => 999 - 100 * i), last: 0 };
  },
  lcm: ({ noise, steps, options }) => ({
    timesteps: consistencyTimesteps({ ...options, steps, trainTimesteps: noise.sigmas.length }),
  }),
  lcm_sgm_uniform: (request) => distilled(request, linspace(999, 19, request.steps + 1).slice(0, -1)),
  lcm_linspace: (request) => distilled(request, linspace(999, 19, request.steps)),
};

export const scheduleNames = Object.keys(definitions) as readonly ScheduleName[];

/**
 * The schedule of `steps` steps. `ddim_uniform` and `beta` may give another number of steps than asked, as in ComfyUI.
 * @throws FewstepError `undefined-schedule` where the library's own formula has no value.
 */
export function namedSchedule(
  noise: NoiseSchedule,
  steps: number,
  options: ScheduleOptions,
  habits: ScheduleHabits,
): Schedule {
  const choice = definitions[options.name]({ noise, steps, options, habits });
  const sigmas = choice.sigmas ?? choice.timesteps!.map((t) => sigmaAt(noise, t, habits.interpolation));
  const smallest =
    choice.sigmas !== undefined && habits.rampRepeatsLast ? sigmas[sigmas.length - 1]! : noise.sigmas[0]!;
  const end = choice.last ?? (habits.last === "zero" ? 0 : smallest);
  const all = end === "none" ? sigmas : [...sigmas, end];
  const timesteps = choice.timesteps ?? all.slice(0, -1).map((sigma) => habits.timesteps(noise, sigma));
  return { sigmas: all, timesteps };
}

/** A schedule from a list of timesteps; it ends as the habits say. */
export function scheduleOfTimesteps(
  noise: NoiseSchedule,
  timesteps: readonly number[],
  habits: ScheduleHabits,
): Schedule {
  const top = noise.sigmas.length - 1;
  requireDescending("timesteps", timesteps, (t) => t >= 0 && t <= top, `from ${top} down to 0`);
  const sigmas = timesteps.map((t) => sigmaAt(noise, t, habits.interpolation));
  return { timesteps, sigmas: [...sigmas, habits.last === "zero" ? 0 : noise.sigmas[0]!] };
}

/** A schedule from a list of sigmas, the last one (usually 0) included. */
export function scheduleOfSigmas(noise: NoiseSchedule, sigmas: readonly number[], habits: ScheduleHabits): Schedule {
  requireDescending("sigmas", sigmas, (sigma) => sigma >= 0 && sigma < Infinity, "0 or more, two at least", 2);
  return { sigmas, timesteps: sigmas.slice(0, -1).map((sigma) => habits.timesteps(noise, sigma)) };
}

/** How a sigma becomes a timestep. */
export const timestepRules = {
  /** Fractional, linear in ln sigma (k-diffusion, A1111, diffusers' Euler). */
  fractional: timestepAt,
  /** The nearest training timestep by ln sigma (ComfyUI). */
  nearest: nearestTimestep,
  /** The fractional one rounded (diffusers' karras in DPM-Solver, UniPC, DEIS). */
  rounded: (noise: NoiseSchedule, sigma: number) => roundHalfEven(timestepAt(noise, sigma)),
  /** Cut off to an integer (diffusers' exponential and beta there); float32 leaves the table's top just below itself, hence 998. */
  truncated: (noise: NoiseSchedule, sigma: number) => Math.max(0, Math.floor(timestepAt(noise, sigma) - 1e-6)),
} as const;

/** The second-last sigma left out: ComfyUI's and A1111's rule for dpm_2, dpm_2_ancestral and uni_pc, built with one step more. */
export function dropPenultimate(schedule: Schedule): Schedule {
  return {
    sigmas: [...schedule.sigmas.slice(0, -2), schedule.sigmas[schedule.sigmas.length - 1]!],
    timesteps: schedule.timesteps.slice(0, -1),
  };
}

function spaced({ noise, steps, options, habits }: ScheduleRequest, name: SpacingName): readonly number[] {
  const trainTimesteps = noise.sigmas.length;
  return spacings[name]({ steps, trainTimesteps, grid: habits.grid, stepsOffset: options.stepsOffset ?? 0 });
}

function rampRange(request: ScheduleRequest) {
  const { noise, options, habits } = request;
  const { sigmaMin, sigmaMax, rho, over, name } = options;
  const chosen =
    over === undefined || name === "log_linear"
      ? noise.sigmas
      : spaced(request, over)
          .map((t) => sigmaAt(noise, t, habits.interpolation))
          .reverse();
  const [min, max] = [sigmaMin ?? chosen[0]!, sigmaMax ?? chosen[chosen.length - 1]!];
  if (min <= max) return { min, max, ...(rho === undefined ? {} : { rho }) };
  throw new FewstepError({
    code: "bad-schedule",
    message: `the ${name} schedule would climb`,
    found: `sigmas from ${max} to ${min}`,
    expected: "sigmaMin below sigmaMax",
  });
}

function topOf({ noise }: ScheduleRequest): number {
  return noise.sigmas.length - 1;
}

/** ComfyUI's and A1111's spacings are linear in ln sigma by definition, and end at 0. */
function logSpaced({ noise, habits }: ScheduleRequest, timesteps: readonly number[]): Choice {
  const sigmas = timesteps.map((t) => sigmaAt(noise, t, "log-sigma"));
  return { sigmas, timesteps: sigmas.map((sigma) => habits.timesteps(noise, sigma)), last: 0 };
}

/** Sigmas read from a table that keeps only the fifty distilled timesteps 19, 39 ... 999. */
function distilled({ noise }: ScheduleRequest, timesteps: readonly number[]): Choice {
  const stride = Math.floor(noise.sigmas.length / 50);
  const table = noise.sigmas.filter((_, t) => t % stride === stride - 1);
  const sigmas = timesteps.map((t) => interpolate(table, (t - (stride - 1)) / stride, "log-sigma"));
  return { sigmas, last: 0 };
}

/** Half the steps linear in sigma down to 97.5 %, the rest quadratic (the schedule of a video model, kept for its name). */
function linearQuadratic(steps: number, sigmaMax: number): readonly number[] {
  const linearSteps = Math.floor(steps / 2);
  const quadraticSteps = steps - linearSteps;
  if (linearSteps === 0) return [sigmaMax];
  const threshold = 0.025;
  const slack = linearSteps - threshold * steps;
  const square = slack / (linearSteps * quadraticSteps ** 2);
  const linear = threshold / linearSteps - (2 * slack) / quadraticSteps ** 2;
  const constant = square * linearSteps ** 2;
  return Array.from({ length: steps }, (_, i) => {
    const part = i < linearSteps ? (i * threshold) / linearSteps : square * i * i + linear * i + constant;
    return (1 - part) * sigmaMax;
  });
}

function requireDescending(
  what: string,
  list: readonly number[],
  allowed: (value: number) => boolean,
  range: string,
  fewest = 1,
): void {
  const wrong = list.findIndex((value, i) => !allowed(value) || (i > 0 && !(value < list[i - 1]!)));
  if (list.length < fewest || list.length > maxSteps || wrong >= 0) {
    throw new FewstepError({
      code: "bad-schedule",
      message: `the list of ${what} is unusable`,
      found: list.length < fewest || list.length > maxSteps ? `${list.length} entries` : `${list[wrong]} at ${wrong}`,
      expected: `descending ${what}, ${range}`,
    });
  }
}

/** Longest run of any published recipe: 1000; the limit refuses requests that would never end. */
export const maxSteps = 10_000;
