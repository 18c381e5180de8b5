// Rules on the accelerator's LoRA: its strength, its alpha, and how much of it reaches the model.
import { type LintRule, rangeText, variantOf } from "./rule.js";

const useRange = (c: Parameters<LintRule["fix"]>[0]) => `use ${rangeText(variantOf(c).ranges.loraStrength)}`;
const isLora = ({ variant }: Parameters<LintRule["holds"]>[0]) => variant?.form === "lora";

/** Beyond this no published or reported strength lies. */
const absurdStrength = 2;
/** A few modules of a converted file may lack a place; more is a loader that reads attention only. */
const enoughCoverage = 0.98;

export const strengthRules: readonly LintRule[] = [
  {
    code: "strength-zero",
    severity: "error",
    holds: (c) => isLora(c) && c.strength === 0,
    reason: (c) => `${variantOf(c).title} is switched off by strength 0, its steps are not`,
    fix: useRange,
    source: "W' = W + strength * delta",
  },
  {
    code: "strength-negative",
    severity: "error",
    holds: (c) => isLora(c) && c.strength < 0,
    reason: (c) => `strength ${c.strength} undoes the distillation instead of applying it`,
    fix: useRange,
    source: "W' = W + strength * delta",
  },
  {
    code: "strength-below-range",
    severity: "warning",
    holds: (c) => isLora(c) && c.strength > 0 && c.strength < variantOf(c).ranges.loraStrength[0],
    reason: (c) => `at ${c.strength} the model is only partly accelerated: few steps leave it unfinished`,
    fix: useRange,
    source: "tools' presets and users' reports in the accelerator's ranges",
  },
  {
    code: "strength-above-range",
    severity: "warning",
    holds: (c) => isLora(c) && c.strength > variantOf(c).ranges.loraStrength[1] && c.strength <= absurdStrength,
    reason: (c) => `strength ${c.strength} overdoes the distillation: hard contrast`,
    fix: useRange,
    source: "tools' presets and users' reports in the accelerator's ranges",
  },
  {
    code: "strength-absurd",
    severity: "error",
    holds: (c) => isLora(c) && c.strength > absurdStrength,
    reason: (c) => `strength ${c.strength} destroys the picture`,
    fix: useRange,
    source: "a limit of this linter's own: a forgotten alpha is an overdose of 8",
  },
  {
    code: "text-strength-without-effect",
    severity: "note",
    holds: ({ used }) =>
      used?.facts?.textEncoder === false &&
      used.textStrength !== undefined &&
      used.textStrength !== (used.strength ?? 1),
    reason: (c) => `${variantOf(c).title} has no part for a text encoder`,
    fix: () => "leave the text strength out",
    source: "layout of the published files: lora_unet_ names only",
  },
  {
    code: "alpha-missing",
    severity: "error",
    holds: ({ used, variant }) =>
      used?.facts?.alphaStored === false &&
      variant?.lora?.alpha !== undefined &&
      variant.lora.alpha !== variant.lora.rank,
    reason: (c) => {
      const { alpha = 1, rank = 1 } = variantOf(c).lora ?? {};
      return `the file has no alpha: its factor is taken as 1 where the published one has ${alpha} / ${rank}, an overdose of ${rank / alpha}`;
    },
    fix: (c) => {
      const { alpha = 1, rank = 1 } = variantOf(c).lora ?? {};
      return `take the published file, or strength ${alpha / rank}`;
    },
    source: "finegrain-ai/refiners lcm_lora.py: must use alpha / rank",
  },
  {
    code: "alpha-unlike-published",
    severity: "warning",
    holds: ({ used, variant }) => {
      const { alpha, rank } = variant?.lora ?? {};
      const facts = used?.facts;
      if (!facts?.alphaStored || alpha === undefined || rank === undefined) return false;
      return facts.scales.some((scale) => Math.abs(scale - alpha / rank) > 1e-6);
    },
    reason: (c) =>
      `alpha / rank is ${c.used?.facts?.scales.join(", ")}, published with ${(variantOf(c).lora?.alpha ?? 1) / (variantOf(c).lora?.rank ?? 1)}`,
    fix: () => "take the published file, or adapt the strength",
    source: "the accelerator's published alpha",
  },
  {
    code: "rank-reduced",
    severity: "note",
    holds: ({ used, variant }) => {
      const rank = variant?.lora?.rank ?? 0;
      return used?.facts?.ranks.some((found) => found < rank) === true;
    },
    reason: (c) => `the file was cut down to rank ${c.used?.facts?.ranks.join(", ")} from ${variantOf(c).lora?.rank}`,
    fix: () => "take the published file for full quality",
    source: "the accelerator's published rank",
  },
  {
    code: "convolutions-missing",
    severity: "warning",
    holds: ({ used, variant }) => variant?.lora?.tensors !== undefined && used?.facts?.convolutions === false,
    reason: () => "the published file acts on convolutions too; this one on linear layers alone",
    fix: () => "take the published file: a conversion has dropped layers",
    source: "diffusers train_lcm_distill_lora_sd_wds.py: target modules",
  },
  {
    code: "coverage-low",
    severity: "warning",
    holds: ({ used }) => used?.coverage !== undefined && used.coverage < enoughCoverage,
    reason: ({ used }) => `only ${Math.round((used?.coverage ?? 0) * 100)} % of the file's modules fit this model`,
    fix: () => "see which names are unclaimed; the file or the model may be of another kind",
    source: "onnx-web#421; ComfyUI#6397",
  },
];
