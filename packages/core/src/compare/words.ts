// A cell's settings in three tools' words: a fewstep command, A1111's generation text, and ComfyUI's names with a workflow to load. What a
// tool cannot say exactly is said beside it, never left out in silence.
import { FewstepError } from "../errors.js";
import { writeA1111 } from "../image/metadata/a1111-write.js";
import { writeComfyPrompt } from "../image/metadata/comfyui-write.js";
import type { PictureSettings } from "../image/metadata/settings.js";
import { type NamingTool, samplerNameTable, scheduleNameTable } from "../sampling/names.js";
import type { SamplerName } from "../sampling/sampler-settings.js";
import type { ScheduleName } from "../sampling/schedules.js";
import type { CellRun, CellSettings } from "./cell.js";

export interface CellWords {
  readonly fewstep: string;
  readonly a1111: string;
  readonly comfyui: string;
  /** ComfyUI's API graph; absent where no graph of its own nodes says the same or nearly. */
  readonly workflow?: string;
  /** What differs in a tool, a line each. */
  readonly notes: readonly string[];
}

/** Nearest in ComfyUI and A1111, and how far from the same. */
const NEAREST_SCHEDULE: ReadonlyMap<string, { readonly name: ScheduleName; readonly apart: string }> = new Map([
  ["trailing", { name: "sgm_uniform", apart: "its timesteps are fractions: 749.25 for 749" }],
  ["lcm", { name: "sgm_uniform", apart: "it has 749.25 where LCM's own grid has 759" }],
  ["leading", { name: "ddim_uniform", apart: "it starts one step higher" }],
]);

export function cellWords(settings: CellSettings, run: CellRun): CellWords {
  const notes: string[] = [];
  const a1111 = writeA1111({ ...pictureSettings(settings, run), ...toolNames("a1111", settings, notes) });
  const comfyui = toolNames("comfyui", settings, notes);
  const workflow = comfyWorkflow({ ...pictureSettings(settings, run, ".safetensors"), ...comfyui }, notes);
  return {
    fewstep: fewstepCommand(settings, run),
    a1111,
    comfyui: comfyText(settings, run, comfyui),
    ...(workflow === undefined ? {} : { workflow }),
    notes: [...new Set(notes)],
  };
}

function pictureSettings(settings: CellSettings, { model, adapters, request }: CellRun, ending = ""): PictureSettings {
  const [width, height] = settings.size.split("x").map(Number) as [number, number];
  return {
    prompt: settings.prompt,
    ...(settings.negative === "" ? {} : { negative: settings.negative }),
    steps: settings.steps,
    cfg: settings.cfg,
    seed: settings.seed,
    width,
    height,
    model: `${model.name}${ending}`,
    ...(ending === "" ? { modelHash: model.hash.slice(0, 10), rng: "CPU" } : {}),
    ...(request.clipSkip === undefined ? {} : { clipSkip: request.clipSkip }),
    loras: adapters.map(({ name, strength }) => ({ name: `${name}${ending}`, strength })),
  };
}

function toolNames(tool: "a1111" | "comfyui", { sampler, schedule }: CellSettings, notes: string[]) {
  const title = tool === "a1111" ? "A1111" : "ComfyUI";
  const exact = nameIn(tool, "schedule", schedule);
  const near = exact === undefined ? NEAREST_SCHEDULE.get(schedule) : undefined;
  const nearName = near && nameIn(tool, "schedule", near.name);
  if (exact === undefined) {
    notes.push(
      near === undefined
        ? `${title} has no schedule ${schedule}`
        : `${title} has no schedule ${schedule}; ${nearName} is nearest, but ${near.apart}`,
    );
  }
  const method = nameIn(tool, "sampler", sampler);
  if (method === undefined) notes.push(`${title} has no sampler ${sampler}`);
  return { sampler: method ?? sampler, schedule: exact ?? nearName ?? schedule };
}

/** Samplers of ours that ComfyUI's KSampler has under the same name. */
const COMFY_SAMPLERS: ReadonlySet<string> = new Set<SamplerName>([
  "euler",
  "euler_ancestral",
  "heun",
  "dpm_2",
  "dpm_2_ancestral",
  "lms",
  "dpmpp_2s_ancestral",
  "dpmpp_sde",
  "dpmpp_2m",
  "dpmpp_2m_sde",
  "dpmpp_3m_sde",
  "ddpm",
  "lcm",
  "ddim",
]);
const COMFY_SCHEDULES: ReadonlySet<string> = new Set<ScheduleName>([
  "normal",
  "karras",
  "exponential",
  "sgm_uniform",
  "simple",
  "ddim_uniform",
  "beta",
  "kl_optimal",
]);

function nameIn(tool: NamingTool, kind: "sampler" | "schedule", name: string): string | undefined {
  if (tool === "comfyui" && (kind === "sampler" ? COMFY_SAMPLERS : COMFY_SCHEDULES).has(name)) return name;
  if (kind === "schedule") return scheduleNameTable.find((row) => row.tool === tool && row.means?.name === name)?.name;
  return samplerNameTable.find((row) => row.tool === tool && row.means?.sampler === name)?.name;
}

function comfyWorkflow(settings: PictureSettings, notes: string[]): string | undefined {
  if (!COMFY_SAMPLERS.has(settings.sampler ?? "") || !COMFY_SCHEDULES.has(settings.schedule ?? "")) return undefined;
  try {
    return writeComfyPrompt(settings);
  } catch (error) {
    if (!(error instanceof FewstepError)) throw error;
    notes.push(`no ComfyUI workflow: ${error.summary}`);
    return undefined;
  }
}

function comfyText(
  { steps, cfg, seed, size, prompt, negative }: CellSettings,
  { model, adapters }: CellRun,
  { sampler, schedule }: { readonly sampler: string; readonly schedule: string },
): string {
  return [
    `ckpt_name: ${model.name}.safetensors`,
    ...adapters.map(({ name, strength }) => `LoraLoader: ${name}.safetensors, strength_model ${strength}`),
    `KSampler: seed ${seed}, steps ${steps}, cfg ${cfg}, sampler_name ${sampler}, scheduler ${schedule}, denoise 1`,
    `EmptyLatentImage: ${size}`,
    `positive: ${prompt}`,
    `negative: ${negative}`,
  ].join("\n");
}

function fewstepCommand(
  { steps, cfg, sampler, schedule, seed, size, prompt, negative }: CellSettings,
  run: CellRun,
): string {
  const { settings, timesteps } = run.request.sampling ?? {};
  return [
    "fewstep generate",
    shellWord(prompt),
    ...(negative === "" ? [] : [`--negative ${shellWord(negative)}`]),
    `--model ${shellWord(run.model.name)}`,
    ...run.adapters.map(({ name, strength }) => `--lora ${shellWord(`${name}:${strength}`)}`),
    ...(timesteps === undefined ? [`--steps ${steps}`] : [`--timesteps ${timesteps.join(",")}`]),
    `--cfg ${cfg}`,
    `--sampler ${sampler}`,
    ...(timesteps === undefined ? [`--schedule ${schedule}`] : []),
    ...(settings?.eta === undefined ? [] : [`--eta ${settings.eta}`]),
    ...(settings?.gamma === undefined ? [] : [`--gamma ${settings.gamma}`]),
    ...(run.request.clipSkip === undefined ? [] : [`--clip-skip ${run.request.clipSkip}`]),
    `--size ${size}`,
    `--seed ${seed}`,
  ].join(" ");
}

/** Quoted for a POSIX shell, where quotes are needed. */
function shellWord(text: string): string {
  return /^[\w./:@%+=-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
