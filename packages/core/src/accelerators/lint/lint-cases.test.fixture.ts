// For every rule a run that it holds for and a close one that it does not hold for.

import { type AcceleratorVariant, variantId } from "../accelerator.js";
import { acceleratorVariants } from "../accelerators.js";
import { applyAccelerator } from "../apply.js";
import type { LoraFacts } from "../file-facts.js";
import type { LintAccelerator, LintAdapter, LintRun } from "./lint-run.js";

export function variantOfId(id: string): AcceleratorVariant {
  const variant = acceleratorVariants.find((one) => variantId(one) === id);
  if (variant === undefined) throw new RangeError(`no variant ${id}`);
  return variant;
}

interface Changes extends Partial<Omit<LintRun, "stack" | "sampling" | "base">> {
  readonly base?: Partial<LintRun["base"]>;
  readonly sampling?: LintRun["sampling"];
  readonly used?: Partial<LintAccelerator>;
  readonly before?: readonly LintAdapter[];
  readonly after?: LintRun["stack"];
}

/** An accelerator's published run with changes. */
function used(id: string, { sampling, used, base, before = [], after = [], ...rest }: Changes = {}): LintRun {
  const variant = variantOfId(id);
  const applied = applyAccelerator(variant, sampling);
  return {
    base: { family: variant.base, ...base },
    stack: [...before, { variant, strength: applied.loraStrength, ...used }, ...after],
    sampling: applied.sampling,
    ...rest,
  };
}

/** A full run without an accelerator. */
function plain(changes: Changes = {}): LintRun {
  const { sampling, base, before = [], after = [], used: _used, ...rest } = changes;
  return {
    base: { family: "sd15", ...base },
    stack: [...before, ...after],
    sampling: { steps: 25, guidance: 7, ...sampling },
    ...rest,
  };
}

const square = (size: number) => ({ size: { width: size, height: size } });
const wide = (width: number, height: number) => ({ size: { width, height } });
const light = "sdxl/lightning-4/lora";
const lcm15 = "sd15/lcm/lora";
const tcd = "sdxl/tcd/lora";
const hyper4 = "sdxl/hyper-4/lora";
const turbo = "sdxl/turbo/checkpoint";
const fullLcm = "sdxl/lcm/unet";
const style: LintAdapter = { name: "style", strength: 0.8 };
const facts: LoraFacts = {
  modules: 788,
  ranks: [64],
  scales: [0.125],
  alphaStored: true,
  textEncoder: false,
  convolutions: true,
};
const withFacts = (changes: Partial<LoraFacts>) => used(light, { used: { facts: { ...facts, ...changes } } });
const known = withFacts({});

export const lintCases: Readonly<Record<string, readonly [holds: LintRun, silent: LintRun]>> = {
  "fewer-steps-than-file": [used(light, { sampling: { steps: 2 } }), used(light)],
  "more-steps-than-file": [used(light, { sampling: { steps: 5 } }), used(light)],
  "too-few-steps": [used(lcm15, { sampling: { steps: 1 } }), used(lcm15, { sampling: { steps: 2 } })],
  "too-many-steps": [used(lcm15, { sampling: { steps: 9 } }), used(lcm15, { sampling: { steps: 8 } })],
  "few-steps-without-accelerator": [plain({ sampling: { steps: 9 } }), plain({ sampling: { steps: 10 } })],
  "schedule-changes-step-count": [
    plain({ sampling: { steps: 11, schedule: "ddim_uniform", guidance: 7 } }),
    plain({ sampling: { steps: 25, schedule: "ddim_uniform", guidance: 7 } }),
  ],
  "two-calls-a-step": [used(light, { sampling: { sampler: "heun" } }), used("sdxl/turbo-merge/checkpoint")],
  "guidance-zero": [used(light, { sampling: { guidance: 0 } }), used(light)],
  "guidance-below-one": [used(light, { sampling: { guidance: 0.5 } }), used(light, { sampling: { guidance: 0 } })],
  "guidance-above-range": [used(light, { sampling: { guidance: 2 } }), used(light, { sampling: { guidance: 1.5 } })],
  "guidance-burns": [
    used(light, { sampling: { guidance: 7 } }),
    used("sdxl/hyper-8-cfg/lora", { sampling: { guidance: 7 } }),
  ],
  "guidance-not-published": [
    used(hyper4, { sampling: { guidance: 1.5 } }),
    used(lcm15, { sampling: { guidance: 1.5 } }),
  ],
  "cfg-file-without-guidance": [
    used("sdxl/hyper-8-cfg/lora", { sampling: { guidance: 1 } }),
    used("sdxl/hyper-8-cfg/lora"),
  ],
  "guidance-below-range": [
    used("sdxl/hyper-8-cfg/lora", { sampling: { guidance: 2 } }),
    used("sdxl/hyper-8-cfg/lora", { sampling: { guidance: 3 } }),
  ],
  "guidance-missing": [plain({ sampling: { steps: 25, guidance: 1 } }), plain()],
  "negative-without-effect": [used(light, { negative: "bad hands" }), used(light, { negative: "  " })],
  "negative-weak": [
    used(lcm15, { negative: "bad hands", sampling: { guidance: 1.5 } }),
    used("sdxl/hyper-8-cfg/lora", { negative: "bad hands" }),
  ],
  "guidance-twice": [used(fullLcm, { sampling: { guidance: 1.2 } }), used(fullLcm)],
  "guidance-input-out-of-range": [used(fullLcm, { guidanceInput: 20 }), used(fullLcm, { guidanceInput: 8 })],
  "rescale-without-guidance": [
    used(light, { sampling: { guidanceRescale: 0.7 } }),
    plain({ sampling: { steps: 25, guidance: 7, guidanceRescale: 0.7 } }),
  ],
  "consistency-sampler": [used(light, { sampling: { sampler: "lcm" } }), used(lcm15)],
  "trajectory-sampler": [
    used(light, { sampling: { sampler: "tcd", settings: { gamma: 0.3 } } }),
    used(hyper4, { sampling: { sampler: "tcd", settings: { gamma: 0.3 } } }),
  ],
  "ancestral-sampler": [used(light, { sampling: { sampler: "euler_ancestral" } }), used(turbo)],
  "noiseless-sampler": [
    used(turbo, { sampling: { sampler: "euler" } }),
    used(turbo, { sampling: { sampler: "euler", steps: 1 } }),
  ],
  "multistep-sampler": [
    used(light, { sampling: { sampler: "dpmpp_2m" } }),
    used("sd15/pcm-16/lora", { sampling: { sampler: "dpmpp_2m" } }),
  ],
  "eta-on-deterministic-file": [used(hyper4, { sampling: { settings: { eta: 1 } } }), used(hyper4)],
  "gamma-unset": [used(hyper4, { sampling: { sampler: "tcd" } }), used(tcd)],
  "gamma-out-of-range": [
    used(tcd, { sampling: { settings: { gamma: 0.9 } } }),
    used("sdxl/hyper-1/lora", { sampling: { settings: { gamma: 0.9 } } }),
  ],
  "gamma-without-effect": [used(light, { sampling: { settings: { gamma: 0.3 } } }), used(tcd)],
  "latents-clipped": [used(light, { sampling: { settings: { clip: 1 } } }), used(light)],
  "churn-saturates": [
    used(light, { sampling: { settings: { churn: { amount: 10 } } } }),
    used(light, { sampling: { settings: { churn: { amount: 1 } } } }),
  ],
  "last-step-wasted": [
    used(light, { sampling: { schedule: "normal" } }),
    used("sdxl/turbo-merge/checkpoint", { sampling: { schedule: "normal" } }),
  ],
  "leading-spacing": [
    used(light, { sampling: { schedule: "leading" } }),
    plain({ sampling: { steps: 25, guidance: 7, schedule: "leading" } }),
  ],
  "starts-below-training": [used(light, { sampling: { timesteps: [900, 749, 499, 249] } }), used("sdxl/dmd2-1/unet")],
  "starts-above-training": [used("sdxl/hyper-1/unet", { sampling: { timesteps: [999] } }), used("sdxl/hyper-1/unet")],
  "timesteps-off-training": [
    used(light, { sampling: { timesteps: [999, 899, 799, 699] } }),
    used(light, { sampling: { schedule: "sgm_uniform" } }),
  ],
  "searched-schedule": [
    used(light, { sampling: { schedule: "ays_sdxl" } }),
    plain({ sampling: { steps: 25, guidance: 7, schedule: "ays_sd15" } }),
  ],
  "foreign-turbo-schedule": [used(light, { sampling: { schedule: "turbo" } }), used(turbo)],
  "schedule-undefined": [
    used("sdxl/lightning-1/unet", { sampling: { schedule: "kl_optimal" } }),
    used("sdxl/lightning-2/unet", { sampling: { schedule: "kl_optimal" } }),
  ],
  "timestep-shift-missing": [
    { ...used("sdxl/nitro-vibrant/unet"), sampling: { steps: 1, sampler: "lcm" } },
    used("sdxl/nitro-vibrant/unet"),
  ],
  "timestep-shift-foreign": [
    used(light, { sampling: { timestepShift: 500 } }),
    used(light, { sampling: { timestepShift: 1000 } }),
  ],
  "strength-zero": [used(light, { used: { strength: 0 } }), used(light)],
  "strength-negative": [used(light, { used: { strength: -1 } }), used(light, { used: { strength: 0 } })],
  "strength-below-range": [used(light, { used: { strength: 0.5 } }), used(light, { used: { strength: 0.7 } })],
  "strength-above-range": [used(light, { used: { strength: 1.2 } }), used(light)],
  "strength-absurd": [used(light, { used: { strength: 8 } }), used(light, { used: { strength: 2 } })],
  "text-strength-without-effect": [
    used(light, { used: { facts, textStrength: 0.5 } }),
    used(light, { used: { facts, textStrength: 1 } }),
  ],
  "alpha-missing": [withFacts({ alphaStored: false, scales: [1] }), known],
  "alpha-unlike-published": [withFacts({ scales: [1] }), withFacts({ alphaStored: false, scales: [1] })],
  "rank-reduced": [withFacts({ ranks: [32] }), known],
  "convolutions-missing": [withFacts({ convolutions: false }), known],
  "coverage-low": [used(light, { used: { coverage: 0.6 } }), used(light, { used: { coverage: 1 } })],
  "size-not-multiple-of-8": [used(light, square(1001)), used(light, square(1000))],
  "size-not-multiple-of-64": [used(light, square(1000)), used(light, square(1024))],
  "size-below-training": [used(light, square(512)), used(turbo, square(512))],
  "size-above-training": [used(lcm15, square(1024)), used(lcm15, { ...square(1024), fromPicture: true })],
  "size-above-limit": [used(turbo, square(768)), used(turbo, square(512))],
  "aspect-extreme": [used(lcm15, wide(1024, 448)), used(light, wide(1536, 640))],
  "not-square-at-few-steps": [used("sdxl/lightning-2/lora", wide(1152, 896)), used(light, wide(1152, 896))],
  "base-family-mismatch": [used(light, { base: { family: "sd15" } }), used(light)],
  "prediction-mismatch": [used(light, { base: { prediction: "v" } }), used(light, { base: { prediction: "epsilon" } })],
  "prediction-not-the-files": [
    used("sdxl/lightning-1/unet", { sampling: { prediction: "epsilon" } }),
    used("sdxl/lightning-1/unet"),
  ],
  "zero-snr-base": [
    used(light, { base: { zeroTerminalSnr: true } }),
    used(light, { base: { zeroTerminalSnr: false } }),
  ],
  "inpainting-base": [used(light, { base: { inpainting: true } }), used(light)],
  "base-far-from-teacher": [
    used(light, { base: { title: "animagine-xl-3.1" } }),
    used(light, { base: { title: "DreamShaper XL" } }),
  ],
  "base-already-accelerated": [
    used(light, { base: { title: "DreamShaper XL Lightning" } }),
    used(light, { base: { title: "DreamShaper XL" } }),
  ],
  "lora-on-plain-base": [
    used(light, { base: { title: "sd_xl_base_1.0" } }),
    used(hyper4, { base: { title: "sd_xl_base_1.0" } }),
  ],
  "clip-skip-on-sdxl": [used(light, { clipSkip: 2 }), used(lcm15, { clipSkip: 2 })],
  "clip-skip-deep": [used(lcm15, { clipSkip: 3 }), used(light, { clipSkip: 3 })],
  "vae-overflows-in-f16": [
    used(light, { vae: { name: "dreamshaper-xl", replaced: false }, sampling: { profile: "a1111" } }),
    used(light, { vae: { name: "sdxl_vae_fp16_fix", replaced: true }, sampling: { profile: "a1111" } }),
  ],
  "two-accelerators": [used(light, { after: [{ variant: variantOfId(hyper4) }] }), used(light)],
  "accelerator-twice": [
    used(light, { after: [{ variant: variantOfId(light) }] }),
    used(light, { after: [{ variant: variantOfId(hyper4) }] }),
  ],
  "dora-after-accelerator": [
    used(light, { after: [{ ...style, dora: true }] }),
    used(light, { before: [{ ...style, dora: true }] }),
  ],
  "rotation-strength-counts-twice": [
    plain({ before: [{ ...style, strength: 0.5, rotates: true }] }),
    plain({ before: [{ ...style, strength: 1, rotates: true }] }),
  ],
  "style-at-full-strength": [used(light, { before: [{ ...style, strength: 1 }] }), used(light, { before: [style] })],
  "stack-heavy": [used(light, { before: [style, style, style] }), used(light, { before: [style, style] })],
  "adapter-family-mismatch": [
    plain({ before: [{ ...style, family: "sdxl" }] }),
    plain({ before: [{ ...style, family: "sd15" }] }),
  ],
  "strength-leaves-no-step": [
    used(light, { sampling: { strength: 0.2 }, fromPicture: true }),
    used(light, { sampling: { strength: 0.3 }, fromPicture: true }),
  ],
  "picture-strength-cuts": [
    used(light, { sampling: { strength: 0.5 }, fromPicture: true }),
    used(lcm15, { sampling: { strength: 0.5 }, fromPicture: true }),
  ],
  "picture-strength-stretches": [
    used(light, { sampling: { strength: 0.5, profile: "comfyui" }, fromPicture: true }),
    used(light, { sampling: { strength: 0.5 }, fromPicture: true }),
  ],
  "prompt-change-lost": [
    used("sdxl/lightning-1/unet", { prompt: "a [cat:dog:0.5]" }),
    used(light, { prompt: "a [cat:dog:0.5]" }),
  ],
  "prompt-change-coarse": [used(light, { prompt: "a [cat:dog:0.5]" }), used(light, { prompt: "a [cat] (dog:1.2)" })],
  "noise-source-mismatch": [
    plain({ seedFrom: "a1111" }),
    plain({ seedFrom: "a1111", sampling: { steps: 25, guidance: 7, noise: { source: "philox", seeds: ["1"] } } }),
  ],
  "profile-mismatch": [
    plain({ seedFrom: "comfyui" }),
    plain({ seedFrom: "comfyui", sampling: { steps: 25, guidance: 7, profile: "comfyui" } }),
  ],
  "batch-shares-generator": [
    plain({ images: 2, sampling: { steps: 25, guidance: 7, noise: { seeds: ["1"], batch: "one-generator" } } }),
    plain({ images: 2 }),
  ],
};
