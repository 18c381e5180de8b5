// Rules on several adapters together.
import type { LintAdapter } from "./lint-run.js";
import type { LintRule } from "./rule.js";
import { variantOf } from "./rule.js";

/** Sum of the style adapters' strengths above which pictures fall apart sooner with few steps than with many. */
const heavyStack = 2;

/** Rotations at a strength that is not what it says. */
const isSoftened = ({ rotates, strength }: LintAdapter): boolean =>
  rotates === true && strength !== 1 && strength !== 0;

export const stackRules: readonly LintRule[] = [
  {
    code: "two-accelerators",
    severity: "error",
    holds: ({ accelerators }) => new Set(accelerators.map(({ variant }) => variant)).size > 1,
    reason: ({ accelerators }) =>
      `${accelerators.map(({ variant }) => variant.title).join(" and ")}: each expects its own timesteps`,
    fix: () => "keep one",
    source: "model cards; users' mixtures trade tone for sharpness",
  },
  {
    code: "accelerator-twice",
    severity: "error",
    holds: ({ accelerators }) => new Set(accelerators.map(({ variant }) => variant)).size < accelerators.length,
    reason: ({ accelerators }) => `${accelerators[0]?.variant.title} is applied ${accelerators.length} times`,
    fix: () => "keep one",
    source: "Fooocus#2580: black pictures",
  },
  {
    code: "dora-after-accelerator",
    severity: "note",
    holds: ({ run }) => {
      const first = run.stack.findIndex((entry) => "variant" in entry);
      return first >= 0 && run.stack.slice(first).some((entry) => "dora" in entry && entry.dora === true);
    },
    reason: () =>
      "a DoRA renormalises the merged weight, the accelerator's part included; the order of the stack matters",
    fix: () => "put the accelerator last",
    source: "Liu et al. 2024, equation 5",
  },
  {
    code: "rotation-strength-counts-twice",
    severity: "note",
    holds: ({ adapters }) => adapters.some(isSoftened),
    reason: ({ adapters }) => {
      const { name, strength } = adapters.find(isSoftened)!;
      return `${name} is an OFT: at ${strength} about ${Number((strength * strength).toPrecision(2))} of its change is made, as in ComfyUI`;
    },
    fix: ({ adapters }) => {
      const { strength } = adapters.find(isSoftened)!;
      return strength > 0
        ? `for ${strength} of the change give ${Number(Math.sqrt(strength).toPrecision(2))}`
        : "give a strength above 0: below, it turns the same way";
    },
    source: "ComfyUI comfy/weight_adapter/oft.py",
  },
  {
    code: "style-at-full-strength",
    severity: "note",
    holds: ({ variant, adapters }) => variant?.form === "lora" && adapters.some(({ strength }) => strength >= 1),
    reason: ({ adapters }) =>
      `${adapters.find(({ strength }) => strength >= 1)?.name} at full strength competes with the accelerator`,
    fix: () => "try 0.8 for the style and 1 for the accelerator",
    source: "arXiv 2311.05556, equation 3 and its example",
  },
  {
    code: "stack-heavy",
    severity: "warning",
    holds: ({ variant, adapters }) =>
      variant?.form === "lora" && adapters.reduce((sum, { strength }) => sum + Math.abs(strength), 0) > heavyStack,
    reason: (c) => `the strengths beside ${variantOf(c).title} add up to more than ${heavyStack}`,
    fix: () => "lower them; fewstep stack proposes strengths from the files' norms",
    source: "a limit of this linter's own",
  },
  {
    code: "adapter-family-mismatch",
    severity: "error",
    holds: ({ run, adapters }) => adapters.some(({ family }) => family !== undefined && family !== run.base.family),
    reason: ({ run, adapters }) =>
      `${adapters.find(({ family }) => family !== undefined && family !== run.base.family)?.name} is for another family than the model`,
    fix: () => "leave it out",
    source: "SD.Next#3378",
  },
];
