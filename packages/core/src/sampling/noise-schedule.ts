// The noise a network was trained with: betas -> alpha-bar -> sigma at each training timestep, and sigma(t) and t(sigma) between them.
// Not a list of sampling steps (spacing.ts) and not a sampler. Ho et al. 2020 (DDPM); zero terminal SNR: Lin et al. 2023, Algorithm 1.
// Everything in doubles; libraries keep float32 tables, which differ by about 1e-6.
import { FewstepError } from "../errors.js";
import { linspace } from "./linspace.js";

export type BetaCurve = "scaled_linear" | "linear" | "squaredcos_cap_v2";

/**
 * What alpha-bar becomes at the last timestep when betas are rescaled to zero terminal SNR:
 * `exact` 0 (sigma infinite: diffusers' DDIM, LCM, TCD), `capped` 2^-24 (sigma 4096: diffusers' Euler, DPM-Solver, UniPC),
 * `comfyui` 4.897e-8 (sigma 4518.76).
 */
export type ZeroTerminalSnr = "exact" | "capped" | "comfyui";

export interface NoiseScheduleOptions {
  /** Default 1000. */
  readonly trainTimesteps?: number;
  /** Default 0.00085 (SD1.5, SD2.1, SDXL). */
  readonly betaStart?: number;
  /** Default 0.012. */
  readonly betaEnd?: number;
  /** Default `scaled_linear`: linear in the square root of beta. */
  readonly betaCurve?: BetaCurve;
  /** Betas themselves; the four options above are then not used. */
  readonly betas?: readonly number[];
  readonly zeroTerminalSnr?: ZeroTerminalSnr;
}

export interface NoiseSchedule {
  /** Product of (1 - beta) up to each timestep. */
  readonly alphaBar: Float64Array;
  /** sqrt((1 - alphaBar) / alphaBar), ascending. The last one is Infinity at exact zero terminal SNR. */
  readonly sigmas: Float64Array;
}

/** Between two timesteps: sigma itself linear (diffusers), or its logarithm (ComfyUI, A1111, k-diffusion). */
export type SigmaInterpolation = "sigma" | "log-sigma";

const terminalAlphaBar: Readonly<Record<ZeroTerminalSnr, number>> = {
  exact: 0,
  capped: 2 ** -24,
  comfyui: 4.8973451890853435e-8,
};

/** Largest real table has 1000 rows; the limit refuses a config that would allocate without end. */
const maxTrainTimesteps = 100_000;

export function createNoiseSchedule(options: NoiseScheduleOptions = {}): NoiseSchedule {
  const alphaBar = Float64Array.from(cumulativeProduct(trainingBetas(options)));
  if (options.zeroTerminalSnr !== undefined) rescaleToZeroTerminalSnr(alphaBar, options.zeroTerminalSnr);
  return { alphaBar, sigmas: alphaBar.map((value) => Math.sqrt((1 - value) / value)) };
}

/** sigma at a timestep that may be fractional; outside the table its end is taken. */
export function sigmaAt(schedule: NoiseSchedule, timestep: number, interpolation: SigmaInterpolation): number {
  return interpolate(schedule.sigmas, timestep, interpolation);
}

/** The value at a fractional index of an ascending table. */
export function interpolate(table: Float64Array, index: number, interpolation: SigmaInterpolation): number {
  const held = Math.min(table.length - 1, Math.max(0, index));
  const low = Math.floor(held);
  const weight = held - low;
  const below = table[low]!;
  if (weight === 0) return below;
  const above = table[low + 1]!;
  return interpolation === "sigma"
    ? below + weight * (above - below)
    : Math.exp((1 - weight) * Math.log(below) + weight * Math.log(above));
}

/** The fractional timestep of a sigma, linear in ln sigma; outside the table its end is taken. */
export function timestepAt(schedule: NoiseSchedule, sigma: number): number {
  const { sigmas } = schedule;
  const low = Math.min(sigmas.length - 2, lastNotAbove(sigmas, sigma));
  const below = Math.log(sigmas[low]!);
  const above = Math.log(sigmas[low + 1]!);
  if (above === Infinity) return sigma === Infinity ? low + 1 : low;
  const weight = Math.min(1, Math.max(0, (Math.log(Math.max(sigma, 1e-10)) - below) / (above - below)));
  return (1 - weight) * low + weight * (low + 1);
}

/** The training timestep whose ln sigma is nearest (ComfyUI). */
export function nearestTimestep(schedule: NoiseSchedule, sigma: number): number {
  const { sigmas } = schedule;
  const low = Math.min(sigmas.length - 2, lastNotAbove(sigmas, sigma));
  const log = Math.log(sigma);
  return Math.abs(log - Math.log(sigmas[low]!)) <= Math.abs(log - Math.log(sigmas[low + 1]!)) ? low : low + 1;
}

/** alpha at a sigma: the signal's scale in a variance-preserving latent. */
export function alphaOf(sigma: number): number {
  return 1 / Math.sqrt(1 + sigma * sigma);
}

function trainingBetas(options: NoiseScheduleOptions): readonly number[] {
  const { trainTimesteps = 1000, betaStart = 0.00085, betaEnd = 0.012, betaCurve = "scaled_linear", betas } = options;
  const count = betas?.length ?? trainTimesteps;
  if (!Number.isInteger(count) || count < 2 || count > maxTrainTimesteps) {
    throw new FewstepError({
      code: "bad-noise-schedule",
      message: "the number of training timesteps is unusable",
      found: String(count),
      expected: `a whole number from 2 to ${maxTrainTimesteps}`,
    });
  }
  const list = betas ?? betaCurves[betaCurve](betaStart, betaEnd, count);
  const wrong = list.findIndex((beta) => !(beta > 0 && beta <= 1));
  if (wrong >= 0) {
    throw new FewstepError({
      code: "bad-noise-schedule",
      message: `beta ${wrong} is unusable`,
      found: String(list[wrong]),
      expected: "above 0 and at most 1",
    });
  }
  return list;
}

const betaCurves: Readonly<Record<BetaCurve, (start: number, end: number, count: number) => readonly number[]>> = {
  linear: (start, end, count) => linspace(start, end, count),
  scaled_linear: (start, end, count) => linspace(Math.sqrt(start), Math.sqrt(end), count).map((root) => root * root),
  squaredcos_cap_v2: (_start, _end, count) => {
    const bar = (time: number) => Math.cos(((time + 0.008) / 1.008) * (Math.PI / 2)) ** 2;
    return Array.from({ length: count }, (_, i) => Math.min(1 - bar((i + 1) / count) / bar(i / count), 0.999));
  },
};

function* cumulativeProduct(betas: readonly number[]): Iterable<number> {
  let product = 1;
  for (const beta of betas) {
    product *= 1 - beta;
    yield product;
  }
}

function rescaleToZeroTerminalSnr(alphaBar: Float64Array, kind: ZeroTerminalSnr): void {
  const roots = alphaBar.map(Math.sqrt);
  const first = roots[0]!;
  const last = roots[roots.length - 1]!;
  roots.forEach((root, i) => {
    alphaBar[i] = (((root - last) * first) / (first - last)) ** 2;
  });
  alphaBar[alphaBar.length - 1] = terminalAlphaBar[kind];
}

function lastNotAbove(ascending: Float64Array, value: number): number {
  let low = 0;
  let high = ascending.length;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (ascending[middle]! <= value) low = middle;
    else high = middle;
  }
  return low;
}
