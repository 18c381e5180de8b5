// Samplers and schedules in the words of ComfyUI, A1111 (with Forge), diffusers and stable-diffusion.cpp, mapped onto ours. Data, and a
// lookup that forgives case, spaces, underscores and hyphens: "DPM++ 2M Karras" is sampler dpmpp_2m with schedule karras.
// A name that a tool has and fewstep has not is listed too, so that the refusal can say so. "a1111: Beta" says whose name it is.
import { FewstepError } from "../errors.js";
import { nearest } from "./nearest-words.js";
import { samplerNames } from "./sampler-definitions.js";
import type { SamplerName, SamplerSettings } from "./sampler-settings.js";
import { type ScheduleName, type ScheduleOptions, scheduleNames } from "./schedules.js";

export type NamingTool = "fewstep" | "comfyui" | "a1111" | "diffusers" | "sd.cpp";

/** Models for which a tool keeps lists of their own. */
export type ScheduleBase = "sd15" | "sd21" | "sdxl";

/** What a name stands for; parts of SamplingOptions. */
export interface NamedSampling {
  readonly sampler: SamplerName;
  readonly schedule?: ScheduleOptions;
  readonly settings?: SamplerSettings;
  readonly last?: "zero" | "sigma_min";
}

interface NameRow<T> {
  readonly tool: NamingTool;
  readonly name: string;
  /** Undefined: the tool has it, fewstep has not. */
  readonly means: T | undefined;
  /** Where the tool itself takes another list for SDXL. */
  readonly onSdxl?: T;
}

const rowsOf = <T>(tool: NamingTool, table: Readonly<Record<string, T | undefined>>): readonly NameRow<T>[] =>
  Object.entries(table).map(([name, means]) => ({ tool, name, means }));

const plain = (sampler: SamplerName): NamedSampling => ({ sampler });
const bh1 = { sampler: "unipc", settings: { solver: "bh1" }, last: "sigma_min" } as const;

export const samplerNameTable: readonly NameRow<NamedSampling>[] = [
  ...samplerNames.map((name) => ({ tool: "fewstep", name, means: plain(name) }) as const),
  ...rowsOf<NamedSampling>("comfyui", {
    uni_pc: bh1,
    uni_pc_bh2: plain("unipc"),
    dpmpp_sde_gpu: plain("dpmpp_sde"),
    dpmpp_2m_sde_gpu: plain("dpmpp_2m_sde"),
    dpmpp_2m_sde_heun: { sampler: "dpmpp_2m_sde", settings: { solver: "heun" } },
    dpmpp_2m_sde_heun_gpu: { sampler: "dpmpp_2m_sde", settings: { solver: "heun" } },
    dpmpp_3m_sde_gpu: plain("dpmpp_3m_sde"),
    euler_cfg_pp: undefined,
    euler_ancestral_cfg_pp: undefined,
    dpmpp_2s_ancestral_cfg_pp: undefined,
    dpmpp_2m_cfg_pp: undefined,
    heunpp2: undefined,
    dpm_fast: undefined,
    dpm_adaptive: undefined,
    ipndm: undefined,
    ipndm_v: undefined,
    res_multistep: undefined,
    res_multistep_cfg_pp: undefined,
    res_multistep_ancestral: undefined,
    res_multistep_ancestral_cfg_pp: undefined,
    gradient_estimation: undefined,
    gradient_estimation_cfg_pp: undefined,
    er_sde: undefined,
    seeds_2: undefined,
    seeds_3: undefined,
    sa_solver: undefined,
    sa_solver_pece: undefined,
  }),
  ...rowsOf<NamedSampling>("a1111", {
    "Euler a": plain("euler_ancestral"),
    Euler: plain("euler"),
    LMS: plain("lms"),
    Heun: plain("heun"),
    DPM2: plain("dpm_2"),
    "DPM2 a": plain("dpm_2_ancestral"),
    "DPM++ 2S a": plain("dpmpp_2s_ancestral"),
    "DPM++ 2M": plain("dpmpp_2m"),
    "DPM++ SDE": plain("dpmpp_sde"),
    "DPM++ 2M SDE": plain("dpmpp_2m_sde"),
    "DPM++ 2M SDE Heun": { sampler: "dpmpp_2m_sde", settings: { solver: "heun" } },
    "DPM++ 3M SDE": plain("dpmpp_3m_sde"),
    DDIM: { sampler: "ddim", schedule: { name: "ddim_uniform" } },
    PLMS: plain("pndm"),
    UniPC: { ...bh1, settings: { solver: "bh1", order: 3 } },
    LCM: plain("lcm"),
    TCD: plain("tcd"),
    Restart: plain("restart"),
    DDPM: plain("ddpm"),
    "DPM fast": undefined,
    "DPM adaptive": undefined,
    "DDIM CFG++": undefined,
    HeunPP2: undefined,
    IPNDM: undefined,
    DEIS: plain("deis"),
  }),
  ...rowsOf<NamedSampling>("diffusers", {
    EulerDiscreteScheduler: plain("euler"),
    EulerAncestralDiscreteScheduler: plain("euler_ancestral"),
    HeunDiscreteScheduler: plain("heun"),
    KDPM2DiscreteScheduler: plain("dpm_2"),
    KDPM2AncestralDiscreteScheduler: plain("dpm_2_ancestral"),
    LMSDiscreteScheduler: plain("lms"),
    DPMSolverSDEScheduler: plain("dpmpp_sde"),
    DPMSolverMultistepScheduler: plain("dpmpp_2m"),
    DPMSolverSinglestepScheduler: plain("dpmpp_singlestep"),
    UniPCMultistepScheduler: plain("unipc"),
    DEISMultistepScheduler: plain("deis"),
    DDIMScheduler: plain("ddim"),
    DDPMScheduler: plain("ddpm"),
    PNDMScheduler: plain("pndm"),
    LCMScheduler: plain("lcm"),
    TCDScheduler: plain("tcd"),
    FlowMatchEulerDiscreteScheduler: undefined,
    EDMEulerScheduler: undefined,
    EDMDPMSolverMultistepScheduler: undefined,
    SASolverScheduler: undefined,
    IPNDMScheduler: undefined,
    DPMSolverMultistepInverseScheduler: undefined,
    DDIMInverseScheduler: undefined,
  }),
  ...rowsOf<NamedSampling>("sd.cpp", {
    euler_a: plain("euler_ancestral"),
    dpm2: plain("dpm_2"),
    "dpm++2s_a": plain("dpmpp_2s_ancestral"),
    "dpm++2m": plain("dpmpp_2m"),
    ddim_trailing: { sampler: "ddim", schedule: { name: "simple" } },
    "dpm++2mv2": undefined,
    res_2s: undefined,
  }),
];

const named = (name: ScheduleName): ScheduleOptions => ({ name });

export const scheduleNameTable: readonly NameRow<ScheduleOptions>[] = [
  ...scheduleNames.map((name) => ({ tool: "fewstep", name, means: named(name) }) as const),
  // nodes of ComfyUI that make schedules, beside those of its KSampler
  ...rowsOf<ScheduleOptions>("comfyui", { sd_turbo: named("turbo"), SDTurboScheduler: named("turbo") }),
  { tool: "comfyui", name: "align_your_steps", means: named("ays_sd15"), onSdxl: named("ays_sdxl") },
  { tool: "comfyui", name: "AlignYourStepsScheduler", means: named("ays_sd15"), onSdxl: named("ays_sdxl") },
  { tool: "comfyui", name: "GITSScheduler", means: named("gits") },
  ...rowsOf<ScheduleOptions>("a1111", {
    Uniform: named("normal"),
    Karras: named("karras"),
    Exponential: named("exponential"),
    Polyexponential: named("polyexponential"),
    "SGM Uniform": named("sgm_uniform"),
    "KL Optimal": named("kl_optimal_open"),
    "Align Your Steps GITS": named("gits"),
    Simple: named("simple"),
    Normal: named("normal"),
    DDIM: named("ddim_uniform"),
    "DDIM Uniform": named("ddim_uniform"),
    Beta: named("beta_sigmas"),
    Turbo: named("trailing"),
    "Align Your Steps 11": undefined,
    "Align Your Steps 32": undefined,
  }),
  ...rowsOf<ScheduleOptions>("sd.cpp", { discrete: named("normal"), ays: named("ays_sd15"), smoothstep: undefined }),
  { tool: "a1111", name: "Align Your Steps", means: named("ays_sd15_rounded"), onSdxl: named("ays_sdxl_rounded") },
];

const tools: readonly NamingTool[] = ["fewstep", "comfyui", "a1111", "diffusers", "sd.cpp"];

/** "a1111: Beta" -> its tool and the name. */
function owned(text: string, tool: NamingTool): { readonly name: string; readonly owner: NamingTool } {
  const colon = text.indexOf(":");
  const said = tools.find((one) => one === text.slice(0, Math.max(0, colon)).trim().toLowerCase());
  return said === undefined ? { name: text, owner: tool } : { name: text.slice(colon + 1), owner: said };
}

/** Names longer than any known one by far are not compared: they are somebody's data, not a name. */
const longestName = 100;

/**
 * A sampler by anybody's name; the name may end with that of a schedule ("Euler a Karras").
 * Our own names come first, then the tool's, then the others'. A schedule behind a sampler's name is one of the same tool.
 * @throws FewstepError `unknown-sampler` with the nearest known names, `unsupported-sampler`
 */
export function resolveSampler(text: string, tool: NamingTool = "fewstep", base?: ScheduleBase): NamedSampling {
  const { name, owner } = owned(text, tool);
  const rows = find(samplerNameTable, name, owner);
  if (rows !== undefined) return supported(rows, "sampler");
  const words = name
    .trim()
    .slice(0, longestName)
    .split(/[\s_]+/);
  for (let count = 1; count < Math.min(words.length, 5); count++) {
    const head = words.slice(0, -count).join(" ");
    const sampler = find(samplerNameTable, head, owner);
    const schedule = find(scheduleNameTable, words.slice(-count).join(" "), owner === "fewstep" ? writer(head) : owner);
    if (schedule !== undefined && sampler !== undefined) {
      return { ...supported(sampler, "sampler"), schedule: supported(schedule, "schedule", base) };
    }
  }
  throw unknown("sampler", text, samplerNameTable);
}

/**
 * A schedule by anybody's name. In A1111's words "Beta" and "KL Optimal" are other curves than in ComfyUI's: say whose they are.
 * @param base of which the tool may keep a list of its own; default SD1.5's
 * @throws FewstepError `unknown-schedule` with the nearest known names, `unsupported-schedule`
 */
export function resolveSchedule(text: string, tool: NamingTool = "fewstep", base?: ScheduleBase): ScheduleOptions {
  const { name, owner } = owned(text, tool);
  const row = find(scheduleNameTable, name, owner);
  if (row === undefined) throw unknown("schedule", text, scheduleNameTable);
  return supported(row, "schedule", base);
}

/** Whose way of writing a sampler's name this is: "DPM++ 2M" is A1111's, "dpmpp_2m" ours. */
function writer(name: string): NamingTool {
  const lower = name.toLowerCase();
  const row =
    samplerNameTable.find((one) => one.name === name) ??
    samplerNameTable.find((one) => one.name.toLowerCase() === lower);
  return row?.tool ?? "fewstep";
}

function find<T>(table: readonly NameRow<T>[], text: string, tool: NamingTool): NameRow<T> | undefined {
  if (text.length > longestName) return undefined;
  const wanted = folded(text);
  const fitting = table.filter((row) => folded(row.name) === wanted);
  return fitting.find((row) => row.tool === tool) ?? fitting[0];
}

const OWN_NAMES = { sampler: samplerNames, schedule: scheduleNames } as const;
type Kind = keyof typeof OWN_NAMES;

function supported<T>(row: NameRow<T>, kind: Kind, base?: ScheduleBase): T {
  const means = base === "sdxl" ? (row.onSdxl ?? row.means) : row.means;
  if (means !== undefined) return means;
  throw new FewstepError({
    code: `unsupported-${kind}`,
    message: `fewstep has no such ${kind}`,
    found: `${row.name} (${row.tool})`,
    expected: OWN_NAMES[kind].join(", "),
  });
}

function unknown<T>(kind: Kind, text: string, table: readonly NameRow<T>[]): FewstepError {
  const known = table.filter((row) => row.means !== undefined).map((row) => row.name);
  const near = text.length > longestName ? [] : nearest(text, known, folded);
  return new FewstepError({
    code: `unknown-${kind}`,
    message: `the ${kind} is not known`,
    found: JSON.stringify(text.slice(0, longestName)),
    ...(near.length > 0 ? { hint: `did you mean ${near.join(" or ")}?` } : { expected: OWN_NAMES[kind].join(", ") }),
  });
}

/** "DPM++ 2M" and "dpmpp_2m" are one name, "k_euler_a" and "Euler a" are not. */
function folded(name: string): string {
  return name
    .toLowerCase()
    .replaceAll("++", "pp")
    .replace(/[\s_-]+/g, "");
}
