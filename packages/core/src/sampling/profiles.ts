// How the families of tools run the same sampler and schedule: data for what differs between them.
// Sources: diffusers' schedulers; ComfyUI comfy/samplers.py and comfy/model_sampling.py; A1111 modules/sd_samplers_*.py with k-diffusion;
// stable-diffusion.cpp src/stable-diffusion.cpp and src/runtime/denoiser.hpp.
import type { SigmaInterpolation, ZeroTerminalSnr } from "./noise-schedule.js";
import type { SamplerName, SamplerSettings } from "./sampler-settings.js";
import type { timestepRules } from "./schedules.js";

export type ProfileName = "diffusers" | "comfyui" | "a1111" | "sd.cpp";

export interface Profile {
  readonly interpolation: SigmaInterpolation;
  /** How sigmas become timesteps; undefined: as the sampler's definition says. */
  readonly timesteps: keyof typeof timestepRules | undefined;
  /**
   * Start noise. `spacing`: times sigma, or sqrt(sigma^2 + 1) with leading spacing; `largest`: sqrt(sigma^2 + 1) when the run starts
   * at the table's largest sigma; `plain`: times sigma.
   */
  readonly start: "spacing" | "largest" | "plain";
  /** What a strength below 1 keeps; see img2img.ts. */
  readonly strength: "cut" | "stretch" | "cut-one-more";
  /** Draw noise on the step that ends at 0, and in churning samplers also where nothing is churned. */
  readonly idleDraws: "on-last" | "none" | "churn";
  /** Churn before the network is called (the paper), or after it. */
  readonly churn: "before" | "after";
  /** Steps of DDIM and PNDM go to timestep - floor(1000 / N). */
  readonly strides: boolean;
  /** Latents of DDIM, LCM, DPM-Solver ... have unit variance. */
  readonly alphaBarUnits: boolean;
  /** Zero terminal SNR; undefined: as the sampler's definition says. */
  readonly zeroTerminalSnr: ZeroTerminalSnr | undefined;
  /** Settings that differ from the definitions'. */
  readonly settings: Readonly<Partial<Record<SamplerName, SamplerSettings>>>;
}

/** k-diffusion lowers no orders at the end of short runs. */
const kDiffusionOrders = { dpmpp_2m: { lowerOrderFinal: false }, dpmpp_2m_sde: { lowerOrderFinal: false } } as const;

const kDiffusion = {
  interpolation: "log-sigma",
  timesteps: "fractional",
  start: "plain",
  strength: "cut-one-more",
  churn: "before",
  strides: false,
  alphaBarUnits: false,
  zeroTerminalSnr: "comfyui",
} as const;

export const profiles: Readonly<Record<ProfileName, Profile>> = {
  diffusers: {
    interpolation: "sigma",
    timesteps: undefined,
    start: "spacing",
    strength: "cut",
    idleDraws: "on-last",
    churn: "after",
    strides: true,
    alphaBarUnits: true,
    zeroTerminalSnr: undefined,
    settings: {},
  },
  comfyui: {
    interpolation: "log-sigma",
    timesteps: "nearest",
    start: "largest",
    strength: "stretch",
    idleDraws: "none",
    churn: "before",
    strides: false,
    alphaBarUnits: false,
    zeroTerminalSnr: "comfyui",
    settings: kDiffusionOrders,
  },
  a1111: { ...kDiffusion, idleDraws: "churn", settings: kDiffusionOrders },
  // k-diffusion rewritten in C++; its TCD is deterministic unless told otherwise
  "sd.cpp": { ...kDiffusion, idleDraws: "none", settings: { ...kDiffusionOrders, tcd: { gamma: 0 } } },
};
