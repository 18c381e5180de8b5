// Rules on the base model: its family, what it predicts, how far it is from the accelerator's teacher, its text layers, its VAE.
import { families } from "../../families/family.js";
import type { ProfileName } from "../../sampling/profiles.js";
import { acceleratorVariants } from "../accelerators.js";
import type { LintContext } from "./lint-context.js";
import { type LintRule, variantOf } from "./rule.js";

/** SDXL lineages trained so long on drawings that teacher and base differ (Pony, Illustrious and NoobAI, Animagine: full retrainings). */
const farLineage = /animagine|pony|illustrious|noobai|noob-ai/i;
const acceleratedTitle = /turbo|lightning|hyper|(?:^|[^a-z])lcm(?:[^a-z]|$)|dmd2?|sdxs/i;
const plainBase = /sd[_-]?xl[_-]?base|stable-diffusion-xl-base/i;

/** The VAE that was trained again to stay in range is known by its name: a hint, as names are. */
const safeVae = /fp16[-_ .]?fix|vae[-_ .]?fix/i;

interface F16Vae {
  /** Whether it is so of the model's own VAE too, or only of one from another file. */
  readonly own: boolean;
  readonly reason: string;
  readonly fix: string;
}

/** Programs that decode in F16, by their profiles, and what they do about SDXL's own VAE. ComfyUI and diffusers decode it in F32 or BF16. */
const f16Vaes: Readonly<Partial<Record<ProfileName, F16Vae>>> = {
  a1111: {
    own: true,
    reason:
      "A1111 does in F16, in which SDXL's own VAE overflows, and then again in F32: black where that is switched off",
    fix: "there: --no-half-vae, or sdxl-vae-fp16-fix",
  },
  "sd.cpp": {
    own: false,
    reason:
      "stable-diffusion.cpp does in F16, in which SDXL's own VAE overflows: black pictures; it scales the VAE inside a checkpoint against that, not a file's of its own",
    fix: "there: --force-sdxl-vae-conv-scale, or sdxl-vae-fp16-fix",
  },
};

/** Of a run that imitates such a program with a VAE that is not known to be safe. */
function f16VaeOf({ run: { base, vae, sampling } }: LintContext): F16Vae | undefined {
  if (base.family !== "sdxl" || vae === undefined || safeVae.test(vae.name)) return undefined;
  const found = f16Vaes[sampling.profile ?? "diffusers"];
  return found?.own || vae.replaced ? found : undefined;
}

const baseTitle = ({ run }: LintContext) => run.base.title ?? "";
const predictionOf = ({ run: { sampling } }: LintContext) =>
  typeof sampling.prediction === "string" ? sampling.prediction : sampling.prediction?.type;

export const modelRules: readonly LintRule[] = [
  {
    code: "base-family-mismatch",
    severity: "error",
    holds: ({ run, variant }) => variant !== undefined && variant.base !== run.base.family,
    reason: (c) =>
      `${variantOf(c).title} is for ${families[variantOf(c).base].title}, the model is ${families[c.run.base.family].title}`,
    fix: () => "use an accelerator and a model of one family",
    source: "widths of the text states: 768, 1024, 2048",
  },
  {
    code: "prediction-mismatch",
    severity: "error",
    holds: ({ run, variant }) =>
      variant?.form === "lora" &&
      run.base.prediction !== undefined &&
      run.base.prediction !== variant.settings.prediction,
    reason: (c) =>
      `the model predicts ${c.run.base.prediction}, the LoRA was distilled on one that predicts ${variantOf(c).settings.prediction}`,
    fix: () => "use a model of the same prediction",
    source: "Salimans & Ho 2022: the outputs mean different things",
  },
  {
    code: "prediction-not-the-files",
    severity: "error",
    holds: (c) => {
      const stated = predictionOf(c);
      return (
        c.variant !== undefined &&
        c.variant.form !== "lora" &&
        stated !== undefined &&
        stated !== c.variant.settings.prediction
      );
    },
    reason: (c) =>
      `${variantOf(c).title} predicts ${variantOf(c).settings.prediction}; the run reads it as ${predictionOf(c)}`,
    fix: (c) => `set the prediction to ${variantOf(c).settings.prediction}`,
    source: "model card ByteDance/SDXL-Lightning: the 1-step UNet needs prediction_type sample",
  },
  {
    code: "zero-snr-base",
    severity: "warning",
    holds: ({ run, variant }) =>
      variant !== undefined &&
      variant.settings.zeroTerminalSnr !== true &&
      (run.base.zeroTerminalSnr ?? run.sampling.zeroTerminalSnr) === true,
    reason: (c) => `the model starts from infinite noise; ${variantOf(c).title} was distilled from sigma 14.6`,
    fix: () => "use a model with the ordinary noise schedule",
    source: "Lin et al. 2023; arXiv 2402.13929, section 3.5",
  },
  {
    code: "inpainting-base",
    severity: "note",
    holds: ({ run, variant }) => variant?.form === "lora" && run.base.inpainting === true,
    reason: () =>
      "the model takes nine input channels; the accelerator was distilled on four and may need more guidance",
    fix: () => "try guidance up to 4",
    source: "diffusers docs, inference_with_lcm.md: inpainting at guidance 4",
  },
  {
    code: "base-far-from-teacher",
    severity: "note",
    holds: (c) => c.variant?.form === "lora" && c.run.base.family === "sdxl" && farLineage.test(baseTitle(c)),
    reason: (c) =>
      `${baseTitle(c)} was retrained far from SDXL, the teacher of ${variantOf(c).title}: some accelerators fail on it`,
    fix: () => "if the picture is broken, lower the strength or try another accelerator",
    source: "tianweiy/DMD2#5; a hand-made comparison (LCM-LoRA failed on Animagine XL)",
  },
  {
    code: "base-already-accelerated",
    severity: "warning",
    holds: (c) => c.variant?.form === "lora" && acceleratedTitle.test(baseTitle(c)),
    reason: (c) => `${baseTitle(c)} seems to have an accelerator merged in already`,
    fix: () => "leave the LoRA out and use that model's own settings",
    source: "Fooocus#2580: a performance LoRA applied twice gave black pictures",
  },
  {
    code: "lora-on-plain-base",
    severity: "note",
    holds: (c) =>
      c.variant?.form === "lora" &&
      plainBase.test(baseTitle(c)) &&
      acceleratorVariants.some(
        ({ name, base, form }) => form === "unet" && name === c.variant?.name && base === c.variant.base,
      ),
    reason: (c) => `on the plain base the whole UNet of ${variantOf(c).name} is better than its LoRA`,
    fix: () => "use the UNet file",
    source: "model card ByteDance/SDXL-Lightning; arXiv 2402.13929, section 4.2",
  },
  {
    code: "clip-skip-on-sdxl",
    severity: "note",
    holds: ({ run }) => run.base.family === "sdxl" && (run.clipSkip ?? 1) > 1,
    reason: () =>
      "SDXL takes the second-last layer already; further skipping is outside its training (A1111 ignores it there)",
    fix: () => "leave clip skip at 1",
    source: "arXiv 2307.01952; A1111 option sdxl_clip_l_skip",
  },
  {
    code: "clip-skip-deep",
    severity: "warning",
    holds: ({ run }) => run.base.family !== "sdxl" && (run.clipSkip ?? 1) > 2,
    reason: ({ run }) => `clip skip ${run.clipSkip} drops layers no model was trained without`,
    fix: () => "use 1, or 2 with anime models of SD1.5",
    source: "practice of NovelAI's models: 2",
  },
  {
    code: "vae-overflows-in-f16",
    severity: "note",
    holds: (c) => f16VaeOf(c) !== undefined,
    reason: (c) => `fewstep decodes in F32, but ${f16VaeOf(c)!.reason}`,
    fix: (c) => f16VaeOf(c)!.fix,
    source:
      "model card madebyollin/sdxl-vae-fp16-fix; A1111 modules/devices.py, auto_vae_precision; stable-diffusion.cpp, set_conv2d_scale",
  },
];
