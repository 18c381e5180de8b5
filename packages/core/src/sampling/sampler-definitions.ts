// Every sampler as data: its step, and the habits the libraries gave it. plan.ts reads this table and asks no sampler its name.
// Where libraries differ the entry is diffusers'; `drawsOnLast` and the schedule habits of others come from profiles.ts.

import type { ZeroTerminalSnr } from "./noise-schedule.js";
import { multistepOrder, type OrderRequest, singlestepOrders, unipcOrder } from "./orders.js";
import type { LegKind, SamplerName, SamplerSettings } from "./sampler-settings.js";
import { deisStep } from "./samplers/deis.js";
import { dpm2Step } from "./samplers/dpm-2.js";
import { dpmpp2sStep } from "./samplers/dpmpp-2s.js";
import { dpmppMultistepStep } from "./samplers/dpmpp-multistep.js";
import { dpmppSdeStep } from "./samplers/dpmpp-sde.js";
import { dpmppSinglestepStep } from "./samplers/dpmpp-singlestep.js";
import { eulerStep } from "./samplers/euler.js";
import { ddimStep, firstOrderStep } from "./samplers/first-order.js";
import { heunStep } from "./samplers/heun.js";
import { lmsStep } from "./samplers/lms.js";
import { pndmStep } from "./samplers/pndm.js";
import type { Step } from "./samplers/step.js";
import { unipcStep } from "./samplers/unipc.js";
import type { LatentUnits } from "./sampling-plan.js";
import type { ScheduleName, timestepRules } from "./schedules.js";
import type { GridStyle } from "./spacing.js";
import { type Split, splitAncestral, splitDown, splitPosterior, splitUp } from "./split.js";

/** What a sampler knows of a step when its split, middle and draws are decided. */
export interface StepShape {
  readonly sigma: number;
  readonly next: number;
  readonly timestep: number;
}

export interface SamplerDefinition {
  readonly step: Step;
  /** Settings with a default; `takes` names those without one. All others are refused. */
  readonly settings: SamplerSettings;
  readonly takes?: readonly (keyof SamplerSettings)[];
  readonly solvers?: readonly NonNullable<SamplerSettings["solver"]>[];
  /** Default 3. */
  readonly highestOrder?: number;
  /** Units of the latents outside the sampler, in diffusers. */
  readonly units: LatentUnits;
  readonly grid: GridStyle;
  readonly schedule: ScheduleName;
  /** Where runs end: 0, or the training table's smallest sigma. */
  readonly last: "zero" | "sigma_min";
  readonly rampRepeatsLast?: boolean;
  readonly zeroTerminalSnr: ZeroTerminalSnr;
  /** How diffusers turns the sigmas of a ramp into timesteps; default fractional. */
  readonly rampTimesteps?: Readonly<Partial<Record<ScheduleName, keyof typeof timestepRules>>>;
  readonly split: (shape: StepShape, settings: SamplerSettings) => Split;
  /** The sigma of the second call, if the step has one. */
  readonly middle?: (shape: StepShape, split: Split, settings: SamplerSettings) => number | undefined;
  /** Noise draws of a step that ends above 0. */
  readonly draws: (settings: SamplerSettings, step: { readonly timestep: number }) => number;
  /** Understands churn; k-diffusion then draws at every step. */
  readonly churns?: boolean;
  /** diffusers draws on the step that ends at 0 too. */
  readonly drawsOnLast?: boolean;
  /** How many earlier steps are remembered. */
  readonly memory: number;
  readonly order?: (request: OrderRequest) => number;
  /** Steps go to timestep - floor(1000 / N), not to the next timestep fed (diffusers' DDIM). */
  readonly strides?: boolean;
  /** Down to the sigma of floor((1 - gamma) * next timestep). */
  readonly trajectory?: boolean;
  /** UniPC: every step is corrected once the next output is known. */
  readonly corrects?: boolean;
  /** The second call is at the next row's point. */
  readonly middleAtNext?: boolean;
  /** The network is read with the consistency boundary. */
  readonly consistency?: boolean;
  /** Default: along the schedule. */
  readonly legs?: LegKind;
  /** Whether a step from infinite sigma is defined. */
  readonly fromInfinity?: boolean;
  /** With these settings the sampler cannot make a last step to 0. */
  readonly needsPositiveEnd?: (settings: SamplerSettings, steps: number) => boolean;
}

const down = ({ next }: StepShape) => splitDown(next);
const ancestral = ({ sigma, next }: StepShape, { eta = 1 }: SamplerSettings) => splitAncestral(sigma, next, eta);
const none = () => 0;
const one = () => 1;
const ifNoisy = ({ eta = 0 }: SamplerSettings) => (eta > 0 ? 1 : 0);
const geometric = (from: number, to: number) => (to > 0 ? Math.sqrt(from * to) : undefined);

const noisy = ["noiseScale"] as const;
const churning = ["churn", "noiseScale"] as const;
const clipping = ["clip", "noiseScale"] as const;

/** Euler and its kin: latents in sigma coordinates, fractional grids. */
const kDiffusion = {
  units: "sigma",
  grid: "points",
  schedule: "trailing",
  last: "zero",
  zeroTerminalSnr: "capped",
  split: down,
  draws: none,
  memory: 0,
  settings: {},
} as const;

/** DPM-Solver and its kin: unit-variance latents, integer grids without t = 0, ramps over the whole table. */
const dpmSolver = {
  ...kDiffusion,
  units: "alpha-bar",
  grid: "intervals",
  rampTimesteps: { karras: "rounded", lu: "rounded", exponential: "truncated", beta_sigmas: "truncated" },
} as const;

/** DDIM and its kin: unit-variance latents, integer grids. */
const ddimKin = {
  ...kDiffusion,
  units: "alpha-bar",
  grid: "rounded",
  zeroTerminalSnr: "exact",
  fromInfinity: true,
} as const;

const dpm2 = { ...kDiffusion, step: dpm2Step, rampTimesteps: { karras: "rounded" } } as const;
const dpmppSettings = { order: 2, solver: "midpoint", lowerOrderFinal: true, eulerAtFinal: false } as const;
const dpmpp = { ...dpmSolver, takes: noisy, solvers: ["midpoint", "heun"], memory: 2 } as const;
const multistep = { ...dpmpp, step: dpmppMultistepStep, order: multistepOrder } as const;

export const samplerDefinitions: Readonly<Record<SamplerName, SamplerDefinition>> = {
  euler: { ...kDiffusion, step: eulerStep, takes: churning, churns: true },
  euler_ancestral: {
    ...kDiffusion,
    step: firstOrderStep,
    settings: { eta: 1 },
    takes: noisy,
    split: ancestral,
    draws: one,
    drawsOnLast: true,
  },
  ddim: {
    ...ddimKin,
    step: ddimStep,
    settings: { eta: 0 },
    takes: clipping,
    split: ({ sigma, next }, { eta = 0 }) => splitAncestral(sigma, next, eta),
    draws: ifNoisy,
    drawsOnLast: true,
    strides: true,
  },
  ddpm: {
    ...ddimKin,
    step: firstOrderStep,
    settings: { variance: "small" },
    takes: clipping,
    split: ({ sigma, next, timestep }, { variance = "small" }) => {
      const split = splitPosterior(sigma, next, variance);
      return timestep > 0 ? split : { down: split.down, up: 0 };
    },
    draws: (_settings, { timestep }) => (timestep > 0 ? 1 : 0),
    drawsOnLast: true,
  },
  lcm: {
    ...ddimKin,
    step: firstOrderStep,
    takes: clipping,
    schedule: "lcm",
    split: ({ next }) => splitUp(next),
    draws: one,
    consistency: true,
  },
  tcd: {
    ...ddimKin,
    step: firstOrderStep,
    settings: { gamma: 0.3 },
    takes: clipping,
    schedule: "lcm",
    last: "sigma_min",
    draws: ({ gamma = 0.3 }) => (gamma > 0 ? 1 : 0),
    trajectory: true,
  },
  heun: {
    ...kDiffusion,
    step: heunStep,
    takes: churning,
    middle: ({ next }) => (next > 0 ? next : undefined),
    middleAtNext: true,
    churns: true,
  },
  dpm_2: { ...dpm2, takes: churning, middle: ({ sigma, next }) => geometric(sigma, next), churns: true },
  dpm_2_ancestral: {
    ...dpm2,
    settings: { eta: 1 },
    takes: noisy,
    split: ancestral,
    middle: ({ sigma }, split) => geometric(sigma, split.down),
    draws: one,
  },
  lms: { ...kDiffusion, step: lmsStep, settings: { order: 4 }, highestOrder: 4, memory: 3 },
  dpmpp_2s_ancestral: {
    ...kDiffusion,
    step: dpmpp2sStep,
    settings: { eta: 1 },
    takes: noisy,
    split: ancestral,
    middle: ({ sigma }, split) => geometric(sigma, split.down),
    draws: one,
  },
  dpmpp_sde: {
    ...kDiffusion,
    step: dpmppSdeStep,
    settings: { eta: 1, ratio: 0.5 },
    takes: noisy,
    split: ancestral,
    middle: ({ sigma, next }, _split, { ratio = 0.5 }) => (next > 0 ? sigma ** (1 - ratio) * next ** ratio : undefined),
    draws: () => 2,
  },
  dpmpp_2m: { ...multistep, settings: { ...dpmppSettings, eta: 0 }, draws: ifNoisy, drawsOnLast: true },
  dpmpp_2m_sde: { ...multistep, settings: { ...dpmppSettings, eta: 1 }, draws: ifNoisy, drawsOnLast: true },
  dpmpp_3m_sde: {
    ...multistep,
    settings: { ...dpmppSettings, lowerOrderFinal: false, order: 3, solver: "heun", eta: 1 },
    draws: ifNoisy,
    drawsOnLast: true,
  },
  dpmpp_singlestep: {
    ...dpmpp,
    step: dpmppSinglestepStep,
    settings: { ...dpmppSettings, lowerOrderFinal: false, eta: 0 },
    schedule: "linspace",
    draws: ifNoisy,
    drawsOnLast: true,
    order: ({ step, steps, made, highest, lowerOrderFinal, endsAtZero }) =>
      Math.min(singlestepOrders(steps, highest, lowerOrderFinal, endsAtZero)[step]!, made + 1),
  },
  unipc: {
    ...dpmSolver,
    step: unipcStep,
    settings: { order: 2, solver: "bh2", lowerOrderFinal: true, combine: "denoised" },
    takes: ["uncorrectedRows"],
    solvers: ["bh1", "bh2"],
    memory: 3,
    corrects: true,
    rampRepeatsLast: true,
    order: unipcOrder,
    // B(h) is then multiplied by an infinite h: the library returns NaN or infinity.
    needsPositiveEnd: ({ solver, combine, lowerOrderFinal, order = 2 }, steps) =>
      solver === "bh1" || combine === "noise" || (lowerOrderFinal === false && Math.min(order, steps) > 1),
  },
  deis: {
    ...dpmSolver,
    step: deisStep,
    settings: { order: 2, lowerOrderFinal: true },
    last: "sigma_min",
    rampRepeatsLast: true,
    memory: 2,
    order: multistepOrder,
  },
  pndm: {
    ...ddimKin,
    step: pndmStep,
    settings: { rungeKutta: false },
    last: "sigma_min",
    memory: 12,
    strides: true,
    fromInfinity: false,
    legs: "pndm",
  },
  restart: {
    ...kDiffusion,
    step: heunStep,
    takes: ["restarts", "noiseScale"],
    schedule: "karras",
    middle: ({ next }) => (next > 0 ? next : undefined),
    middleAtNext: true,
    legs: "restart",
  },
};

export const samplerNames = Object.keys(samplerDefinitions) as readonly SamplerName[];
