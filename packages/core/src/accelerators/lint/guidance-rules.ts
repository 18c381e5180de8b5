// Rules on guidance and the negative prompt. Guidance here is fewstep's: 1 is none, what cards call 0.
import { type LintRule, rangeText, variantOf } from "./rule.js";

/** Where a full run's usual guidance begins: nothing distilled for 1 stands it. */
const fullRunGuidance = 5;

const hasNegative = (negative: string | undefined) => (negative ?? "").trim() !== "";

export const guidanceRules: readonly LintRule[] = [
  {
    code: "guidance-zero",
    severity: "error",
    holds: ({ guidance }) => guidance === 0,
    reason: () => "guidance 0 follows the negative prompt alone",
    fix: () => "use 1: a model card's guidance_scale 0 means no guidance, which is 1 here and in ComfyUI",
    source: "ComfyUI comfy/samplers.py; diffusers' do_classifier_free_guidance",
  },
  {
    code: "guidance-below-one",
    severity: "error",
    holds: ({ guidance }) => guidance < 1 && guidance !== 0,
    reason: ({ guidance }) => `guidance ${guidance} mixes the prompt with its opposite`,
    fix: () => "use 1 or more",
    source: "Ho & Salimans 2022: denoised = negative + guidance (prompt - negative)",
  },
  {
    code: "guidance-above-range",
    severity: "warning",
    holds: ({ variant, guidance }) =>
      variant !== undefined && guidance > variant.ranges.guidance[1] && guidance < fullRunGuidance,
    reason: (c) =>
      `${variantOf(c).title} works with guidance ${rangeText(variantOf(c).ranges.guidance)}; at ${c.guidance} colours burn`,
    fix: (c) => `use guidance ${variantOf(c).settings.guidance}`,
    source: "Fooocus PR #2415; model cards",
  },
  {
    code: "guidance-burns",
    severity: "error",
    holds: ({ variant, guidance }) =>
      variant !== undefined && guidance > variant.ranges.guidance[1] && guidance >= fullRunGuidance,
    reason: (c) => `guidance ${c.guidance} is a full run's; ${variantOf(c).title} has it distilled in and burns`,
    fix: (c) => `use guidance ${variantOf(c).settings.guidance}`,
    source: "model cards of LCM, SDXL-Lightning, Hyper-SD: guidance_scale 0",
  },
  {
    code: "guidance-not-published",
    severity: "note",
    holds: ({ variant, guidance }) =>
      variant !== undefined &&
      guidance > variant.ranges.publishedGuidance[1] &&
      guidance <= variant.ranges.guidance[1] &&
      variant.ranges.publishedGuidance[1] === 1,
    reason: (c) =>
      `${variantOf(c).title} was distilled for guidance 1; ${c.guidance} is in use elsewhere and doubles the network calls`,
    fix: () => "use 1 unless the negative prompt is needed",
    source: "model cards; users' reports in the accelerator's ranges",
  },
  {
    code: "cfg-file-without-guidance",
    severity: "error",
    holds: ({ variant, guidance }) =>
      variant !== undefined && variant.ranges.publishedGuidance[0] > 1 && guidance === 1,
    reason: (c) => `${variantOf(c).title} keeps guidance outside the file; without it results are terrible`,
    fix: (c) => `use guidance ${rangeText(variantOf(c).ranges.publishedGuidance)}`,
    source: "author of Hyper-SD, HF discussion #32",
  },
  {
    code: "guidance-below-range",
    severity: "warning",
    holds: ({ variant, guidance }) => variant !== undefined && guidance > 1 && guidance < variant.ranges.guidance[0],
    reason: (c) => `${variantOf(c).title} needs guidance ${rangeText(variantOf(c).ranges.guidance)}`,
    fix: (c) => `use guidance ${variantOf(c).settings.guidance}`,
    source: "model card ByteDance/Hyper-SD; PCM README",
  },
  {
    code: "guidance-missing",
    severity: "warning",
    holds: ({ variant, guidance }) => variant === undefined && guidance === 1,
    reason: () => "without an accelerator and without guidance the picture hardly follows the prompt",
    fix: () => "use guidance 5 to 8, or an accelerator",
    source: "Ho & Salimans 2022",
  },
  {
    code: "negative-without-effect",
    severity: "note",
    holds: ({ run, guidance }) => hasNegative(run.negative) && guidance === 1,
    reason: () => "at guidance 1 the negative prompt is never looked at",
    fix: () => "raise guidance where the file allows it, or take a CFG-preserving file (hyper-8-cfg, pcm-8-cfg)",
    source: "diffusers' do_classifier_free_guidance; Fooocus#936",
  },
  {
    code: "negative-weak",
    severity: "note",
    holds: ({ run, variant, guidance }) => hasNegative(run.negative) && guidance > 1 && variant?.negative === "weak",
    reason: (c) => `${variantOf(c).title} hardly reacts to a negative prompt`,
    fix: () => "say it in the prompt, or take a CFG-preserving file (hyper-8-cfg, pcm-8-cfg)",
    source: "PCM README",
  },
  {
    code: "guidance-twice",
    severity: "error",
    holds: ({ variant, guidance }) => variant?.settings.guidanceInput !== undefined && guidance > 1,
    reason: () => "this UNet takes guidance as an input; guiding it from outside as well applies it twice",
    fix: (c) => `keep guidance 1 and give the input ${variantOf(c).settings.guidanceInput}`,
    source: "diffusers pipeline_latent_consistency_text2img.py",
  },
  {
    code: "guidance-input-out-of-range",
    severity: "warning",
    holds: ({ variant, run: { guidanceInput } }) => {
      const range = variant?.ranges.guidanceInput;
      return (
        range !== undefined && guidanceInput !== undefined && (guidanceInput < range[0] || guidanceInput > range[1])
      );
    },
    reason: (c) => `the guidance input ${c.run.guidanceInput} is outside what the network was trained with`,
    fix: (c) => `give the input ${variantOf(c).settings.guidanceInput}`,
    source: "diffusers docs, inference_with_lcm.md: 3 to 13",
  },
  {
    code: "rescale-without-guidance",
    severity: "note",
    holds: ({ run, guidance }) => (run.sampling.guidanceRescale ?? 0) > 0 && guidance === 1,
    reason: () => "guidance rescale does nothing at guidance 1",
    fix: () => "leave it out",
    source: "Lin et al. 2023, section 3.4",
  },
];
