// Rules on the sampler and its settings. They read what a sampler does from its definition and know none by name.
import { type SamplerDefinition, samplerDefinitions } from "../../sampling/sampler-definitions.js";
import type { SamplerSettings } from "../../sampling/sampler-settings.js";
import type { AcceleratorVariant } from "../accelerator.js";
import type { LintContext } from "./lint-context.js";
import { type LintRule, rangeText, variantOf } from "./rule.js";

const midway = { timestep: 500 };

const isNoisy = ({ draws }: SamplerDefinition, settings: SamplerSettings) => draws(settings, midway) > 0;

/** Samplers that are no concern: the publisher's, in any of its settings, and those known to work. */
function fits({ sampler, variant }: LintContext): boolean {
  return (
    variant === undefined ||
    sampler === variant.settings.sampler ||
    variant.ranges.samplers.includes(sampler) ||
    variant.alternatives.some(({ settings }) => settings.sampler === sampler)
  );
}

const publishedIsNoisy = ({ settings }: AcceleratorVariant) =>
  isNoisy(samplerDefinitions[settings.sampler], {
    ...samplerDefinitions[settings.sampler].settings,
    ...settings.settings,
  });

const useThePublished = (c: LintContext) => `use ${variantOf(c).settings.sampler}`;
const isMultistep = ({ memory }: SamplerDefinition) => memory > 0;

export const samplerRules: readonly LintRule[] = [
  {
    code: "consistency-sampler",
    severity: "warning",
    holds: (c) => !fits(c) && c.definition.consistency === true,
    reason: (c) => `${c.sampler} replaces all noise at every step; ${variantOf(c).title} was not distilled for that`,
    fix: useThePublished,
    source: "arXiv 2310.04378, algorithm 3; the model cards' samplers",
  },
  {
    code: "trajectory-sampler",
    severity: "note",
    holds: (c) => !fits(c) && c.definition.trajectory === true,
    reason: (c) =>
      `${c.sampler} steps down below the next level and noises again; ${variantOf(c).title} was not distilled for that`,
    fix: useThePublished,
    source: "arXiv 2402.19159",
  },
  {
    code: "ancestral-sampler",
    severity: "error",
    holds: (c) =>
      !fits(c) &&
      c.variant !== undefined &&
      !publishedIsNoisy(c.variant) &&
      isNoisy(c.definition, c.settings) &&
      c.definition.consistency !== true &&
      c.definition.trajectory !== true,
    reason: (c) => `${c.sampler} adds noise at every step that so few steps cannot remove again`,
    fix: useThePublished,
    source: "author of SDXL-Lightning, HF discussion #9: no Euler a",
  },
  {
    code: "noiseless-sampler",
    severity: "note",
    holds: (c) =>
      !fits(c) &&
      c.variant !== undefined &&
      publishedIsNoisy(c.variant) &&
      !isNoisy(c.definition, c.settings) &&
      c.steps > 1,
    reason: (c) => `${variantOf(c).title} is sampled with fresh noise at every step; ${c.sampler} adds none`,
    fix: useThePublished,
    source: "the model cards' samplers",
  },
  {
    code: "multistep-sampler",
    severity: "warning",
    holds: (c) => !fits(c) && isMultistep(c.definition) && (c.variant?.ranges.steps[1] ?? 0) <= 8,
    reason: (c) =>
      `${c.sampler} combines earlier steps of a smooth path; a distilled student's path is not smooth, and ${c.steps} steps are no history`,
    fix: useThePublished,
    source: "Lu et al. 2022 (DPM-Solver++): derived for the teacher's ODE",
  },
  {
    code: "eta-on-deterministic-file",
    severity: "warning",
    holds: ({ variant, sampler, settings }) =>
      variant !== undefined &&
      sampler === variant.settings.sampler &&
      variant.settings.settings?.eta === 0 &&
      (settings.eta ?? 0) > 0,
    reason: ({ settings }) => `eta ${settings.eta} adds noise; the file is published for eta 0`,
    fix: () => "use eta 0",
    source: "model card ByteDance/Hyper-SD",
  },
  {
    code: "gamma-unset",
    severity: "note",
    holds: ({ definition, run }) => definition.trajectory === true && run.sampling.settings?.gamma === undefined,
    reason: () => "TCD's gamma is not given; tools take 0, 0.3 or 1 for it",
    fix: (c) => `say it: ${c.variant?.settings.settings?.gamma ?? 0.3}`,
    source: "defaults of stable-diffusion.cpp, diffusers, InvokeAI",
  },
  {
    code: "gamma-out-of-range",
    severity: "warning",
    holds: ({ variant, definition, settings }) => {
      const [low, high] = variant?.ranges.gamma ?? [0, 1];
      return (
        definition.trajectory === true &&
        settings.gamma !== undefined &&
        (settings.gamma < low || settings.gamma > high)
      );
    },
    reason: (c) => `gamma ${c.settings.gamma} is outside ${rangeText(c.variant?.ranges.gamma ?? [0, 1])}: higher blurs`,
    fix: (c) => `use gamma ${c.variant?.settings.settings?.gamma ?? 0.3}`,
    source: "diffusers docs, inference_with_tcd_lora.md",
  },
  {
    code: "gamma-without-effect",
    severity: "note",
    holds: ({ definition, run }) => definition.trajectory !== true && run.sampling.settings?.gamma !== undefined,
    reason: ({ sampler }) => `${sampler} has no gamma`,
    fix: () => "leave it out, or use tcd",
    source: "arXiv 2402.19159",
  },
  {
    code: "latents-clipped",
    severity: "error",
    holds: ({ run }) => run.sampling.settings?.clip !== undefined,
    reason: ({ run }) => `denoised latents are clipped to ${run.sampling.settings?.clip}, a rule for pixels`,
    fix: () => "leave clip out (diffusers' clip_sample must be false for latents)",
    source: "diffusers scheduling_ddim.py; Stable Diffusion's scheduler configs",
  },
  {
    code: "churn-saturates",
    severity: "warning",
    holds: ({ settings, steps }) => (settings.churn?.amount ?? 0) / steps >= Math.SQRT2 - 1,
    reason: ({ settings, steps }) =>
      `churn ${settings.churn?.amount} over ${steps} steps reaches its limit at every step`,
    fix: ({ steps }) => `stay below ${(steps * (Math.SQRT2 - 1)).toFixed(2)}`,
    source: "Karras et al. 2022, algorithm 2",
  },
];
