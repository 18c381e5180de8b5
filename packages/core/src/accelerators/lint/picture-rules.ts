// Rules on runs that start from a picture.
import { hasFixedSteps } from "../accelerator.js";
import { type LintRule, variantOf } from "./rule.js";

export const pictureRules: readonly LintRule[] = [
  {
    code: "strength-leaves-no-step",
    severity: "error",
    holds: ({ refusal }) => refusal === "strength-too-low",
    reason: ({ run, steps }) => `${steps} steps at picture strength ${run.sampling.strength} are none`,
    fix: ({ steps }) => `use a strength of ${Math.ceil(1000 / steps) / 1000} or more`,
    source: "diffusers get_timesteps: int(steps * strength)",
  },
  {
    code: "picture-strength-cuts",
    severity: "note",
    holds: ({ plan, variant, run, steps }) =>
      run.sampling.strength !== undefined &&
      variant !== undefined &&
      hasFixedSteps(variant) &&
      plan !== undefined &&
      plan.rows.length < steps,
    reason: ({ plan, steps }) => `${plan?.rows.length} of ${steps} steps are made`,
    fix: (c) =>
      `choose the strength by the number of steps that remain: multiples of ${1 / variantOf(c).settings.steps}`,
    source: "diffusers get_timesteps",
  },
  {
    code: "picture-strength-stretches",
    severity: "warning",
    holds: ({ plan, variant, run, steps }) =>
      run.sampling.strength !== undefined &&
      variant !== undefined &&
      hasFixedSteps(variant) &&
      plan !== undefined &&
      plan.builtSteps > steps,
    reason: ({ plan, steps }) =>
      `the ${steps} steps are the end of a schedule of ${plan?.builtSteps}, which the file was not distilled for`,
    fix: () => "use the profile diffusers, or list the timesteps",
    source: "ComfyUI comfy/samplers.py, set_steps",
  },
];
