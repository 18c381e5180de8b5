// Whole tools as data: every switch in which ComfyUI, A1111, diffusers and stable-diffusion.cpp make other pictures of the same settings.
// What concerns one run of the sampler is in sampling/profiles.ts; here is the rest, and how a request is filled from it.
// Sources: ComfyUI comfy/sample.py, comfy/samplers.py, comfy/sd1_clip.py; A1111 modules/rng.py, sd_emphasis.py, sd_samplers_kdiffusion.py,
// processing.py; diffusers' pipelines and schedulers; stable-diffusion.cpp src/stable-diffusion.cpp.
import type { FamilyId } from "../families/family.js";
import type { NoiseRequest } from "../sampling/noise/noise-source.js";
import type { ProfileName } from "../sampling/profiles.js";
import type { SamplerName } from "../sampling/sampler-settings.js";
import type { ScheduleName } from "../sampling/schedules.js";
import type { PromptGrammar } from "../text/prompt-plan.js";
import type { GenerateRequest } from "./request.js";

/** A tool whose pictures can be imitated: its profile of sampling has the same name. */
export type ToolName = ProfileName;

export interface ToolHabits {
  readonly title: string;
  readonly noise: Omit<NoiseRequest, "seeds">;
  /** Samplers whose step noise is a Brownian path over sigma. */
  readonly brownian: readonly SamplerName[];
  readonly grammar: PromptGrammar;
  /** What stands for a negative prompt that is left out or empty: SDXL's zeros, the encoded empty text, or each as it is written. */
  readonly emptyNegative: "zeros" | "encoded" | "as-written";
  /** How a picture to start from is encoded: one sample of the VAE's distribution, or its mean. */
  readonly encode: "sample" | "mean";
  /** Families whose text encoders are read without regard to clip skip. */
  readonly ignoresClipSkip: readonly FamilyId[];
  /** What a schedule that is left out means. Undefined: as fewstep has it. */
  readonly schedule: ScheduleName | undefined;
  readonly schedules: Readonly<Partial<Record<SamplerName, ScheduleName>>>;
}

const sde: readonly SamplerName[] = ["dpmpp_sde", "dpmpp_2m_sde", "dpmpp_3m_sde"];

export const toolHabits: Readonly<Record<ToolName, ToolHabits>> = {
  diffusers: {
    title: "diffusers",
    noise: { source: "torch-cpu", batch: "per-image" },
    brownian: [],
    grammar: "plain",
    emptyNegative: "as-written",
    encode: "sample",
    ignoresClipSkip: [],
    schedule: undefined,
    schedules: {},
  },
  comfyui: {
    title: "ComfyUI",
    // on the CPU the noise of the steps is drawn with the next seed, on a GPU with the seed itself: likeTool, where a source is stated
    noise: { source: "torch-cpu", batch: "one-generator", stepSeedOffset: "1" },
    brownian: sde,
    grammar: "comfyui",
    emptyNegative: "encoded",
    encode: "mean",
    ignoresClipSkip: [],
    schedule: "normal",
    schedules: {},
  },
  a1111: {
    title: "A1111",
    noise: { source: "philox", batch: "per-image" },
    brownian: sde,
    grammar: "a1111",
    emptyNegative: "zeros",
    encode: "sample",
    ignoresClipSkip: ["sdxl"],
    // its "Automatic": the sampler's own
    schedule: "normal",
    schedules: {
      dpm_2: "karras",
      dpm_2_ancestral: "karras",
      dpmpp_2s_ancestral: "karras",
      dpmpp_sde: "karras",
      dpmpp_2m: "karras",
      dpmpp_2m_sde: "exponential",
      dpmpp_3m_sde: "exponential",
      ddim: "ddim_uniform",
      lcm: "lcm_linspace",
    },
  },
  "sd.cpp": {
    title: "stable-diffusion.cpp",
    noise: { source: "philox", batch: "per-image" },
    brownian: [],
    grammar: "a1111",
    emptyNegative: "zeros",
    encode: "sample",
    ignoresClipSkip: [],
    schedule: "normal",
    schedules: { lcm: "lcm", tcd: "lcm", ddim: "simple" },
  },
};

export const toolNames = Object.keys(toolHabits) as readonly ToolName[];

/** Fills what a request leaves open as a tool would have it; what is stated wins. */
export function likeTool(tool: ToolName, request: GenerateRequest, family: FamilyId): GenerateRequest {
  const habits = toolHabits[tool];
  const { sampling = {}, noise, negative, clipSkip, grammar, init } = request;
  const sampler = sampling.sampler ?? "euler";
  const isListed = sampling.timesteps !== undefined || sampling.sigmas !== undefined;
  const schedule = isListed ? undefined : (sampling.schedule ?? habits.schedules[sampler] ?? habits.schedule);
  const { negative: _negative, clipSkip: _clipSkip, ...rest } = request;
  const text = negativeOf(habits.emptyNegative, negative);
  return {
    ...rest,
    ...(text === undefined ? {} : { negative: text }),
    ...(clipSkip === undefined || habits.ignoresClipSkip.includes(family) ? {} : { clipSkip }),
    ...(init && { init: { encode: habits.encode, ...init } }),
    grammar: grammar ?? habits.grammar,
    noise: {
      ...habits.noise,
      ...(noise?.stepSource === undefined ? {} : { stepSeedOffset: "0" }),
      ...(habits.brownian.includes(sampler) ? { steps: "brownian-tree" } : {}),
      ...noise,
    },
    sampling: {
      profile: tool,
      ...sampling,
      ...(schedule === undefined ? {} : { schedule }),
    },
  };
}

function negativeOf(rule: ToolHabits["emptyNegative"], negative: string | undefined): string | undefined {
  if (negative !== undefined && negative !== "") return negative;
  return { zeros: undefined, encoded: "", "as-written": negative }[rule];
}
