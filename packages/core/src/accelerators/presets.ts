// Named settings. guide-1 to guide-9 are the nine runs of a hand-made comparison of accelerators on anime models, in ComfyUI's words, as
// they were made; presetAsPublished gives the same accelerator with its publisher's settings, for a fair comparison.
import { FewstepError } from "../errors.js";
import type { FamilyId } from "../families/family.js";
import { type NamingTool, resolveSampler, resolveSchedule, type ScheduleBase } from "../sampling/names.js";
import type { SamplingOptions } from "../sampling/sampling-options.js";
import type { AcceleratorVariant } from "./accelerator.js";
import { applyAccelerator } from "./apply.js";
import { frozen } from "./frozen.js";
import { variantsNamed } from "./resolve.js";

/** Settings in another tool's words. */
export interface ToolSettings {
  readonly tool: NamingTool;
  readonly steps: number;
  readonly cfg: number;
  readonly sampler: string;
  readonly scheduler?: string;
}

export interface Preset {
  readonly name: string;
  readonly title: string;
  readonly base: FamilyId;
  /** The checkpoint it was made with. */
  readonly checkpoint: string;
  /** Name of the accelerator, always a LoRA here. */
  readonly accelerator: string;
  readonly strength: number;
  readonly settings: ToolSettings;
  readonly prompt: string;
  /** What its maker saw. */
  readonly seen?: string;
}

const prompt = "1 girl, running, smiling, mouth open, semi side view";
const animePrompt = `${prompt}, anime style`;
const comfyui = (steps: number, cfg: number, sampler: string, scheduler: string): ToolSettings => ({
  tool: "comfyui",
  steps,
  cfg,
  sampler,
  scheduler,
});

export const presets: readonly Preset[] = frozen<readonly Preset[]>([
  {
    name: "guide-1",
    title: "Turbo on SDXL",
    base: "sdxl",
    checkpoint: "Animagine XL",
    accelerator: "turbo",
    strength: 1,
    settings: comfyui(4, 1.5, "lcm", "sgm_uniform"),
    prompt,
    seen: "many anomalies, with the settings of the LoRA's page",
  },
  {
    name: "guide-2",
    title: "Turbo on SDXL, tuned",
    base: "sdxl",
    checkpoint: "Animagine XL",
    accelerator: "turbo",
    strength: 0.6,
    settings: comfyui(6, 1.5, "euler", "sgm_uniform"),
    prompt,
    seen: "anomalies still frequent",
  },
  {
    name: "guide-3",
    title: "Lightning, 4 steps, on SDXL",
    base: "sdxl",
    checkpoint: "Animagine XL",
    accelerator: "lightning-4",
    strength: 1,
    settings: comfyui(4, 2, "euler", "sgm_uniform"),
    prompt,
    seen: "rather good",
  },
  {
    name: "guide-4",
    title: "LCM on SDXL",
    base: "sdxl",
    checkpoint: "DreamShaper XL",
    accelerator: "lcm",
    strength: 1,
    settings: comfyui(6, 1.5, "lcm", "sgm_uniform"),
    prompt: animePrompt,
    seen: "works here; failed on Animagine XL",
  },
  {
    name: "guide-5",
    title: "LCM on SD1.5",
    base: "sd15",
    checkpoint: "Mistoon_Anime",
    accelerator: "lcm",
    strength: 1,
    settings: comfyui(6, 1.5, "lcm", "sgm_uniform"),
    prompt,
    seen: "stable",
  },
  {
    name: "guide-6",
    title: "Hyper, 4-step file, on SDXL",
    base: "sdxl",
    checkpoint: "DreamShaper XL",
    accelerator: "hyper-4",
    strength: 1,
    // its table says 4; its text 6, because 4 were not quite enough
    settings: comfyui(6, 1.5, "euler", "normal"),
    prompt: animePrompt,
  },
  {
    name: "guide-7",
    title: "Hyper, 8-step CFG file, on SDXL",
    base: "sdxl",
    checkpoint: "DreamShaper XL",
    accelerator: "hyper-8-cfg",
    strength: 1,
    settings: comfyui(8, 8, "euler", "normal"),
    prompt: animePrompt,
  },
  {
    name: "guide-8",
    title: "Hyper, 4-step file, on SD1.5",
    base: "sd15",
    checkpoint: "Mistoon_Anime",
    accelerator: "hyper-4",
    strength: 1,
    settings: comfyui(6, 1.5, "euler", "normal"),
    prompt: animePrompt,
  },
  {
    name: "guide-9",
    title: "Hyper, 8-step CFG file, on SD1.5",
    base: "sd15",
    checkpoint: "flat2DAnimerge",
    accelerator: "hyper-8-cfg",
    strength: 1,
    settings: comfyui(8, 8, "euler", "normal"),
    prompt: animePrompt,
  },
]);

/** Throws `unknown-preset`. */
export function presetNamed(name: string): Preset {
  const preset = presets.find((one) => one.name === name);
  if (preset !== undefined) return preset;
  throw new FewstepError({
    code: "unknown-preset",
    message: "no preset has this name",
    found: name.slice(0, 80),
    expected: presets.map((one) => one.name).join(", "),
  });
}

/**
 * Another tool's words as sampling options, with that tool's habits where there is a profile of them. A CFG of 0 in diffusers' words is
 * none, 1 here. `base`: of which the tool may keep a list of its own, default SD1.5. Throws the codes of resolveSampler and resolveSchedule.
 */
export function samplingOfTool(
  { tool, steps, cfg, sampler, scheduler }: ToolSettings,
  base?: ScheduleBase,
): SamplingOptions {
  const { schedule, ...named } = resolveSampler(sampler, tool, base);
  const chosen = scheduler === undefined ? schedule : resolveSchedule(scheduler, tool, base);
  return {
    ...named,
    steps,
    ...(chosen === undefined ? {} : { schedule: chosen }),
    guidance: tool === "diffusers" ? Math.max(1, cfg) : cfg,
    ...(tool === "fewstep" ? {} : { profile: tool }),
  };
}

export interface PresetRun {
  readonly variant: AcceleratorVariant;
  readonly sampling: SamplingOptions;
  readonly strength: number;
}

/** The preset as it was made. */
export function presetRun(preset: Preset): PresetRun {
  return {
    variant: variantOf(preset),
    sampling: samplingOfTool(preset.settings, preset.base),
    strength: preset.strength,
  };
}

/** The preset's accelerator as its publisher runs it. */
export function presetAsPublished(preset: Preset): PresetRun {
  const variant = variantOf(preset);
  const { sampling, loraStrength } = applyAccelerator(variant);
  return { variant, sampling, strength: loraStrength };
}

function variantOf({ accelerator, base }: Preset): AcceleratorVariant {
  const variants = variantsNamed(accelerator, base);
  return variants.find(({ form }) => form === "lora") ?? variants[0]!;
}
