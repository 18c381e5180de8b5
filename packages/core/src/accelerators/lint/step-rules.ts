// Rules on the number of steps.
import { hasFixedSteps } from "../accelerator.js";
import { networkCalls } from "./lint-context.js";
import { type LintRule, rangeText, variantOf } from "./rule.js";

/** Below this, a model without an accelerator gives sketches (LCM paper, table 1: FID 83 at 4 steps, 14 at 8 with the best solver). */
const fewestWithoutAccelerator = 10;

export const stepRules: readonly LintRule[] = [
  {
    code: "fewer-steps-than-file",
    severity: "error",
    holds: ({ variant, steps }) => variant !== undefined && hasFixedSteps(variant) && steps < variant.ranges.steps[0],
    reason: (c) =>
      `${variantOf(c).title} was distilled for ${rangeText(variantOf(c).ranges.steps)} steps, not ${c.steps}`,
    fix: (c) => `use ${variantOf(c).ranges.steps[0]} steps, or the file for ${c.steps}`,
    source: "model cards of SDXL-Lightning and Hyper-SD: use the file of your step count",
  },
  {
    code: "more-steps-than-file",
    severity: "warning",
    holds: ({ variant, steps }) => variant !== undefined && hasFixedSteps(variant) && steps > variant.ranges.steps[1],
    reason: (c) =>
      `${variantOf(c).title} was distilled for ${rangeText(variantOf(c).ranges.steps)} steps: ${c.steps} visit noise levels it was not trained at`,
    fix: (c) => `use ${variantOf(c).ranges.steps[1]} steps, or the file for more`,
    source: "model cards of SDXL-Lightning and Hyper-SD: use the file of your step count",
  },
  {
    code: "too-few-steps",
    severity: "warning",
    holds: ({ variant, steps }) => variant !== undefined && !hasFixedSteps(variant) && steps < variant.ranges.steps[0],
    reason: (c) => `${variantOf(c).title} is blurred below ${variantOf(c).ranges.steps[0]} steps`,
    fix: (c) => `use ${rangeText(variantOf(c).ranges.steps)} steps`,
    source: "PCM, tables 2 and 3: LCM and TCD at 1 step",
  },
  {
    code: "too-many-steps",
    severity: "warning",
    holds: ({ variant, steps }) => variant !== undefined && !hasFixedSteps(variant) && steps > variant.ranges.steps[1],
    reason: (c) => `${variantOf(c).title} gets worse beyond ${variantOf(c).ranges.steps[1]} steps`,
    fix: (c) => `use ${rangeText(variantOf(c).ranges.steps)} steps`,
    source: "PCM, table 3: Turbo's FID 7.4 at 4 steps, 13.9 at 8; LCM's 11.2 at 4, 23.3 at 16",
  },
  {
    code: "few-steps-without-accelerator",
    severity: "warning",
    holds: ({ variant, steps, run }) =>
      variant === undefined && steps < fewestWithoutAccelerator && run.fromPicture !== true,
    reason: ({ steps }) => `${steps} steps without an accelerator leave the picture unfinished`,
    fix: () => "add an accelerator, or take 20 steps or more",
    source: "arXiv 2310.04378, table 1",
  },
  {
    code: "schedule-changes-step-count",
    severity: "note",
    holds: ({ plan, steps, run, definition }) =>
      plan !== undefined &&
      definition.legs === undefined &&
      run.sampling.strength === undefined &&
      plan.builtSteps !== steps,
    reason: ({ schedule, steps, plan }) => `the schedule ${schedule} makes ${plan?.builtSteps} steps of ${steps}`,
    fix: () => "choose another schedule, or a number of steps that divides 1000",
    source: "ComfyUI comfy/samplers.py: ddim_uniform, beta",
  },
  {
    code: "two-calls-a-step",
    severity: "note",
    holds: ({ variant, plan, sampler }) =>
      variant !== undefined && variant.settings.sampler !== sampler && plan?.rows.some(({ middle }) => middle) === true,
    reason: ({ plan, sampler, steps }) =>
      `${sampler} calls the network twice a step: ${steps} steps are ${plan === undefined ? "more" : networkCalls(plan)} calls`,
    fix: (c) => `use ${variantOf(c).settings.sampler}`,
    source: "k-diffusion sampling.py",
  },
];
