// What the tools call the same samplers and schedules. Facts: ComfyUI comfy/samplers.py; stable-diffusion-webui
// modules/sd_samplers_kdiffusion.py and sd_schedulers.py; NovelAI's and InvokeAI's interfaces. Rows are ComfyUI's names, which k-diffusion's
// function names follow. A name that is not here has no translation: never a near one.

export type NamingTool = "comfyui" | "a1111" | "novelai" | "invokeai";

type Row = { readonly [tool in NamingTool]?: string };

const SAMPLERS: readonly Row[] = [
  { comfyui: "euler", a1111: "Euler", novelai: "k_euler", invokeai: "euler" },
  { comfyui: "euler_ancestral", a1111: "Euler a", novelai: "k_euler_ancestral", invokeai: "euler_a" },
  { comfyui: "heun", a1111: "Heun", invokeai: "heun" },
  { comfyui: "lms", a1111: "LMS", novelai: "k_lms", invokeai: "lms" },
  { comfyui: "dpm_2", a1111: "DPM2", novelai: "k_dpm_2", invokeai: "kdpm_2" },
  { comfyui: "dpm_2_ancestral", a1111: "DPM2 a", novelai: "k_dpm_2_ancestral", invokeai: "kdpm_2_a" },
  { comfyui: "dpm_fast", a1111: "DPM fast", novelai: "k_dpm_fast" },
  { comfyui: "dpm_adaptive", a1111: "DPM adaptive", novelai: "k_dpm_adaptive" },
  { comfyui: "dpmpp_2s_ancestral", a1111: "DPM++ 2S a", novelai: "k_dpmpp_2s_ancestral" },
  { comfyui: "dpmpp_sde", a1111: "DPM++ SDE", novelai: "k_dpmpp_sde", invokeai: "dpmpp_sde" },
  { comfyui: "dpmpp_2m", a1111: "DPM++ 2M", novelai: "k_dpmpp_2m", invokeai: "dpmpp_2m" },
  { comfyui: "dpmpp_2m_sde", a1111: "DPM++ 2M SDE", novelai: "k_dpmpp_2m_sde", invokeai: "dpmpp_2m_sde" },
  { comfyui: "dpmpp_3m_sde", a1111: "DPM++ 3M SDE" },
  { comfyui: "ddpm", invokeai: "ddpm" },
  { comfyui: "ddim", a1111: "DDIM", invokeai: "ddim" },
  { comfyui: "uni_pc", a1111: "UniPC", invokeai: "unipc" },
  { comfyui: "lcm", a1111: "LCM", invokeai: "lcm" },
];

const SCHEDULES: readonly Row[] = [
  { comfyui: "normal", a1111: "Normal" },
  { comfyui: "karras", a1111: "Karras", novelai: "karras" },
  { comfyui: "exponential", a1111: "Exponential", novelai: "exponential" },
  { comfyui: "polyexponential", a1111: "Polyexponential", novelai: "polyexponential" },
  { comfyui: "sgm_uniform", a1111: "SGM Uniform" },
  { comfyui: "simple", a1111: "Simple" },
  { comfyui: "ddim_uniform", a1111: "DDIM" },
  { comfyui: "beta", a1111: "Beta" },
  { comfyui: "kl_optimal", a1111: "KL Optimal" },
  { comfyui: "align_your_steps", a1111: "Align Your Steps" },
  { comfyui: "turbo", a1111: "Turbo" },
];

/** The other tool's name of a sampler; undefined where it has none. Letters' case does not count. */
export function translateSampler(name: string, from: NamingTool, to: NamingTool): string | undefined {
  return translate(SAMPLERS, name, from, to);
}

/** The same for schedules. */
export function translateSchedule(name: string, from: NamingTool, to: NamingTool): string | undefined {
  return translate(SCHEDULES, name, from, to);
}

function translate(rows: readonly Row[], name: string, from: NamingTool, to: NamingTool): string | undefined {
  return rows.find((row) => row[from]?.toLowerCase() === name.toLowerCase())?.[to];
}
