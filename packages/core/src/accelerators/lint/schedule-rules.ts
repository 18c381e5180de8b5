// Rules on which timesteps are visited. All but two read the plan's rows, whatever the schedule is called.
import { alignYourSteps } from "../../sampling/published-sigmas.js";
import { hasFixedSteps } from "../accelerator.js";
import type { LintContext } from "./lint-context.js";
import { type LintRule, publishedSchedule, variantOf } from "./rule.js";

/** Below this timestep no noise is left to remove (sigma under 0.1). */
const nearlyClean = 20;
/** How far from a trained timestep a step may lie: half of the finest published spacing, 1000 / 16. */
const tolerance = 31;

const starts = ({ plan, run }: LintContext) =>
  run.sampling.strength === undefined ? plan?.rows[0]?.timestep : undefined;
const last = ({ plan }: LintContext) => plan?.rows[plan.rows.length - 1]?.timestep;

/** Listed by hand: the user's own affair, but for where it starts. */
const isListed = ({ schedule }: LintContext) => schedule === undefined;

function wastesLast(c: LintContext): boolean {
  const lowest = Math.min(...(c.variant?.trained ?? []));
  return (
    c.variant !== undefined &&
    Number.isFinite(lowest) &&
    (last(c) ?? 999) < nearlyClean &&
    lowest >= nearlyClean - 1 &&
    c.steps > 1
  );
}

const startsLate = (c: LintContext) =>
  c.variant !== undefined && c.variant.trained.length > 0 && (starts(c) ?? 999) < c.variant.trained[0]! - 9;

/** Largest distance between a step and the trained timestep it stands for. */
function farthest({ variant, plan }: LintContext): number {
  const trained = variant?.trained ?? [];
  return Math.max(0, ...(plan?.rows ?? []).map(({ timestep }, i) => Math.abs(timestep - (trained[i] ?? timestep))));
}

const isSearched = (name: string | undefined) => name !== undefined && (name in alignYourSteps || name === "gits");

export const scheduleRules: readonly LintRule[] = [
  {
    code: "last-step-wasted",
    severity: "warning",
    holds: wastesLast,
    reason: (c) =>
      `the schedule ${c.schedule ?? "given"} spends the last network call at t = ${Math.round(last(c) ?? 0)}, where no noise is left, and so moves the others off the trained timesteps`,
    fix: (c) => `use ${publishedSchedule(c)} or sgm_uniform`,
    source: "the schedule's definition (ComfyUI comfy/samplers.py); A1111 PR #15325",
  },
  {
    code: "leading-spacing",
    severity: "error",
    holds: ({ schedule, variant }) => variant !== undefined && (schedule === "leading" || schedule === "ddim_uniform"),
    reason: (c) =>
      `${c.schedule} starts at t = ${Math.round(starts(c) ?? 0)}: the run begins with more noise than the network is told`,
    fix: (c) => `use ${publishedSchedule(c)}`,
    source: "diffusers#6112; scheduling_euler_discrete.py: leading never visits 999",
  },
  {
    code: "starts-below-training",
    severity: "error",
    holds: (c) => startsLate(c) && c.schedule !== "leading" && c.schedule !== "ddim_uniform",
    reason: (c) =>
      `the first step is at t = ${Math.round(starts(c) ?? 0)}, the file is made to start at ${variantOf(c).trained[0]}`,
    fix: (c) => `start at ${variantOf(c).trained[0]}`,
    source: "PCM issue #2; model cards",
  },
  {
    code: "starts-above-training",
    severity: "error",
    holds: (c) =>
      c.variant !== undefined &&
      c.variant.settings.timestepShift === undefined &&
      c.variant.trained.length > 0 &&
      (starts(c) ?? 0) > c.variant.trained[0]! + 9,
    reason: (c) =>
      `the first step is at t = ${Math.round(starts(c) ?? 0)}, the file is made for ${variantOf(c).trained[0]}`,
    fix: (c) => `use timesteps ${variantOf(c).trained.join(", ")}`,
    source: "arXiv 2404.13686, section 4.1 (t = 800); tianweiy/DMD2 README (t = 399)",
  },
  {
    code: "timesteps-off-training",
    severity: "warning",
    holds: (c) =>
      c.variant !== undefined &&
      hasFixedSteps(c.variant) &&
      c.plan?.rows.length === c.variant.trained.length &&
      !isSearched(c.schedule) &&
      !wastesLast(c) &&
      !startsLate(c) &&
      c.schedule !== "leading" &&
      c.schedule !== "ddim_uniform" &&
      c.schedule !== "turbo" &&
      farthest(c) > tolerance &&
      (starts(c) ?? 0) <= c.variant.trained[0]! + 9,
    reason: (c) => `a step lies ${Math.round(farthest(c))} timesteps from the one the file was distilled at`,
    fix: (c) => `use ${isListed(c) ? variantOf(c).trained.join(", ") : publishedSchedule(c)}`,
    source: "arXiv 2402.13929, section 2.3; arXiv 2404.13686, section 3.1",
  },
  {
    code: "searched-schedule",
    severity: "warning",
    holds: ({ variant, schedule }) => variant !== undefined && isSearched(schedule),
    reason: ({ schedule }) => `${schedule} was searched for the undistilled model; a student has its own timesteps`,
    fix: (c) => `use ${publishedSchedule(c)}`,
    source: "Sabour et al. 2024; Chen et al. 2024",
  },
  {
    code: "foreign-turbo-schedule",
    severity: "warning",
    holds: ({ variant, schedule }) =>
      schedule === "turbo" && variant !== undefined && variant.settings.schedule !== "turbo",
    reason: () => "the schedule turbo stays at high noise (999, 899 ...) and leaves the rest to the last step",
    fix: (c) => `use ${publishedSchedule(c)}`,
    source: "ComfyUI nodes_custom_sampler.py, SDTurboScheduler",
  },
  {
    code: "schedule-undefined",
    severity: "error",
    holds: ({ refusal }) => refusal === "undefined-schedule",
    reason: ({ schedule, steps }) => `the schedule ${schedule} does not exist for ${steps} steps`,
    fix: () => "choose another schedule or number of steps",
    source: "ComfyUI comfy/samplers.py (0/0 in kl_optimal), nodes_gits.py (table from 2)",
  },
  {
    code: "timestep-shift-missing",
    severity: "error",
    holds: ({ variant, run }) =>
      variant?.settings.timestepShift !== undefined && run.sampling.timestepShift !== variant.settings.timestepShift,
    reason: (c) =>
      `this UNet is fed floor(t * ${variantOf(c).settings.timestepShift} / 1000); without the shift it sees the wrong noise level`,
    fix: (c) => `set the timestep shift to ${variantOf(c).settings.timestepShift}`,
    source: "ChenDarYen/NitroFusion README",
  },
  {
    code: "timestep-shift-foreign",
    severity: "error",
    holds: ({ variant, run }) =>
      run.sampling.timestepShift !== undefined &&
      run.sampling.timestepShift !== 1000 &&
      variant?.settings.timestepShift === undefined,
    reason: ({ run }) => `a timestep shift of ${run.sampling.timestepShift} is for networks that were trained with it`,
    fix: () => "leave it out",
    source: "ChenDarYen/NitroFusion README",
  },
];
