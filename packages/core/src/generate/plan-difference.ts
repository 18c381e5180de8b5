// In what two plans differ, by name: first what a user sets, then the switches in which tools differ, each with the tools that have it so.
// Pure; pictures themselves are compared elsewhere.
import type { NoiseRequest } from "../sampling/noise/noise-source.js";
import { planSampling } from "../sampling/plan.js";
import { profiles } from "../sampling/profiles.js";
import { type SamplingRow, sigmaValue } from "../sampling/sampling-plan.js";
import { GRAMMARS } from "../text/grammars.js";
import type { GeneratePlan } from "./request.js";
import { type ToolName, toolHabits, toolNames } from "./tool-habits.js";

export interface PlanDifference {
  /** `steps`, `start-noise` ...; docs/likeness.md lists them. */
  readonly code: string;
  /** `setting`: a user chose it. `switch`: a tool's habit. */
  readonly kind: "setting" | "switch";
  readonly title: string;
  /** In the first plan and in the second, as text. */
  readonly values: readonly [string, string];
  /** Of a switch: the tools that have it as the first plan has, and as the second. */
  readonly tools?: readonly [readonly ToolName[], readonly ToolName[]];
}

interface Field {
  readonly code: string;
  readonly title: string;
  /** What is compared, as text; undefined where the plan has nothing of the kind. */
  readonly of: (plan: GeneratePlan) => string | undefined;
}

interface Switch extends Field {
  readonly source: string;
  /** How a tool has it, in the words of `of`; undefined where that depends on the run. */
  readonly habit?: (tool: ToolName) => string | undefined;
  /** How a tool has it in general, where `habit` cannot say it. */
  readonly rule?: (tool: ToolName) => string;
}

/** Two sigmas nearer than this, relatively, are one sigma computed in two ways. */
const SAME_SIGMA = 1e-9;

const number = (value: number) => String(Number(value.toPrecision(6)));
const list = (values: readonly number[]) => values.map(number).join(", ");
const rowsOf = ({ sampling }: GeneratePlan): readonly SamplingRow[] => sampling.rows;
const sampleDefaults = (tool: ToolName) => planSampling({ steps: 4, sampler: "dpmpp_2m", profile: tool });

const settings: readonly Field[] = [
  { code: "prompt", title: "prompt", of: ({ prompt }) => prompt },
  { code: "prompt-2", title: "prompt of the second text encoder", of: ({ prompt2 }) => prompt2 },
  { code: "negative", title: "negative prompt", of: ({ negative }) => negative || undefined },
  { code: "seed", title: "seed", of: ({ sampling }) => sampling.noise.seeds.join(", ") },
  { code: "size", title: "size", of: ({ width, height }) => `${width}x${height}` },
  { code: "steps", title: "steps", of: (plan) => String(rowsOf(plan).length) },
  {
    code: "guidance",
    title: "guidance",
    of: (plan) => {
      const scales = [...new Set(rowsOf(plan).map(({ guidance }) => guidance))];
      return plan.embeddedGuidance === undefined ? list(scales) : `${plan.embeddedGuidance} as an input`;
    },
  },
  { code: "guidance-rescale", title: "guidance rescale", of: ({ sampling }) => number(sampling.guidanceRescale) },
  { code: "sampler", title: "sampler", of: ({ sampling }) => sampling.sampler.name },
  { code: "schedule", title: "schedule", of: ({ schedule }) => schedule ?? "as listed" },
  { code: "clip-skip", title: "clip skip", of: ({ clipSkip }) => String(clipSkip) },
  { code: "prediction", title: "prediction", of: ({ sampling }) => sampling.prediction.type },
  { code: "start-picture", title: "picture to start from", of: ({ init }) => init && JSON.stringify(init) },
  { code: "mask", title: "mask", of: ({ mask }) => mask && JSON.stringify(mask) },
  {
    code: "second-pass",
    title: "second pass",
    of: ({ hires }) => hires && `${hires.width}x${hires.height}, strength ${hires.strength}, ${hires.upscale}`,
  },
  { code: "seamless", title: "seamless edges", of: ({ seamless }) => seamless },
  { code: "attention-guidance", title: "attention guidance", of: ({ nag }) => nag && JSON.stringify(nag) },
];

/** A sampler's settings but for those that are switches of their own. */
const settingsText = ({ sampling: { sampler } }: GeneratePlan): string =>
  Object.entries(sampler)
    .filter(([name]) => !["name", "gamma", "lowerOrderFinal"].includes(name))
    .map(([name, value]) => `${name} ${JSON.stringify(value)}`)
    .sort()
    .join(", ");

/** `stream`: the start noise's, going on. */
function stepNoiseText({
  source = "torch-cpu",
  steps = "stream",
  stepSeedOffset = "0",
  stepSource = source,
}: Omit<NoiseRequest, "seeds">): string {
  const whose = stepSource === source ? "" : `${stepSource} `;
  if (steps === "brownian-tree") return `${whose}${steps}`;
  return whose === "" && stepSeedOffset === "0" ? steps : `a new ${whose}stream of seed + ${stepSeedOffset}`;
}

export const planSwitches: readonly Switch[] = [
  {
    code: "noise-source",
    title: "where the noise comes from",
    of: ({ sampling }) => sampling.noise.source ?? "torch-cpu",
    habit: (tool) => toolHabits[tool].noise.source,
    source: "ComfyUI comfy/sample.py; A1111 modules/rng.py; stable-diffusion.cpp --rng",
  },
  {
    code: "batch-noise",
    title: "noise of several pictures",
    of: ({ sampling: { noise } }) => (noise.seeds.length < 2 ? undefined : (noise.batch ?? "per-image")),
    habit: (tool) => toolHabits[tool].noise.batch,
    source: "ComfyUI comfy/sample.py: one draw for the batch; A1111 modules/rng.py: one generator each",
  },
  {
    code: "step-noise",
    title: "noise of the steps",
    of: (plan) => {
      if (rowsOf(plan).every(({ draws }) => draws === 0)) return undefined;
      return stepNoiseText(plan.sampling.noise);
    },
    habit: (tool) => {
      return stepNoiseText(toolHabits[tool].noise);
    },
    source: "k-diffusion sampling.py (BrownianTreeNoiseSampler); ComfyUI comfy/k_diffusion/sampling.py",
  },
  {
    code: "start-noise",
    title: "factor of the start noise",
    of: ({ sampling: { start } }) =>
      start.rule === "root" ? "sqrt(sigma^2 + 1)" : start.rule === "sigma" ? "sigma" : "unit variance (sigma)",
    habit: (tool) => ({ spacing: "sigma", largest: "sqrt(sigma^2 + 1)", plain: "sigma" })[profiles[tool].start],
    source: "ComfyUI comfy/samplers.py, max_denoise; diffusers init_noise_sigma; A1111 sgm_noise_multiplier",
  },
  {
    code: "timestep-rounding",
    title: "timesteps fed for a sigma between two",
    of: (plan) => list(rowsOf(plan).map(({ timestep }) => timestep)),
    rule: (tool) => profiles[tool].timesteps ?? "each scheduler's own",
    source: "ComfyUI comfy/model_sampling.py: nearest; k-diffusion and stable-diffusion.cpp: interpolated",
  },
  {
    code: "sigmas",
    title: "sigmas of the schedule",
    of: (plan) => list([...rowsOf(plan).map(({ sigma }) => sigmaValue(sigma)), rowsOf(plan).at(-1)?.sigmaNext ?? 0]),
    rule: (tool) => `interpolated in ${profiles[tool].interpolation}`,
    source: "interpolation between the table's entries, linear in sigma (diffusers) or in its logarithm",
  },
  {
    code: "step-target",
    title: "where a step goes beside the timestep that is fed next",
    of: (plan) =>
      rowsOf(plan).some(({ rescale }) => rescale !== 1) ? "timestep - floor(1000 / N)" : "the next timestep",
    rule: (tool) => (profiles[tool].strides ? "timestep - floor(1000 / N) in DDIM" : "the next timestep"),
    source: "diffusers scheduling_ddim.py: prev_timestep",
  },
  {
    code: "last-orders",
    title: "order at the end of short runs",
    of: ({ sampling: { sampler } }) =>
      sampler.lowerOrderFinal === undefined ? undefined : sampler.lowerOrderFinal ? "lowered" : "kept",
    habit: (tool) => (sampleDefaults(tool).sampler.lowerOrderFinal === false ? "kept" : "lowered"),
    source: "diffusers scheduling_dpmsolver_multistep.py: lower_order_final; k-diffusion has none",
  },
  {
    code: "gamma",
    title: "gamma of TCD",
    of: ({ sampling: { sampler } }) => (sampler.gamma === undefined ? undefined : number(sampler.gamma)),
    habit: (tool) => number(profiles[tool].settings.tcd?.gamma ?? 0.3),
    source: "defaults of diffusers and ComfyUI-TCD 0.3, of stable-diffusion.cpp 0",
  },
  {
    code: "sampler-settings",
    title: "settings of the sampler",
    of: settingsText,
    rule: () => "each sampler's own",
    source: "the samplers' definitions",
  },
  {
    code: "idle-draws",
    title: "noise drawn and dropped",
    of: (plan) =>
      rowsOf(plan)
        .map(({ draws }) => draws)
        .join(", "),
    rule: (tool) =>
      ({ "on-last": "on the last step", none: "none", churn: "where nothing is churned" })[profiles[tool].idleDraws],
    source: "k-diffusion and diffusers draw where they need no noise, ComfyUI does not",
  },
  {
    code: "kept-steps",
    title: "steps that a strength below 1 keeps",
    of: (plan) => (plan.init === undefined ? undefined : `${rowsOf(plan).length} of ${plan.sampling.builtSteps}`),
    rule: (tool) => profiles[tool].strength,
    source: "ComfyUI set_steps stretches the schedule, diffusers get_timesteps cuts it, A1111 keeps one more",
  },
  {
    code: "emphasis",
    title: "grammar and weights of the prompt",
    of: ({ grammar, weighting }) => `${grammar}, ${weighting ?? GRAMMARS[grammar].weighting}`,
    habit: (tool) => `${toolHabits[tool].grammar}, ${GRAMMARS[toolHabits[tool].grammar].weighting}`,
    source: "ComfyUI comfy/sd1_clip.py; A1111 modules/sd_emphasis.py",
  },
  {
    code: "empty-negative",
    title: "an empty negative prompt",
    of: ({ negative }) => (negative ? undefined : negative === "" ? "encoded" : "zeros on SDXL"),
    habit: (tool) =>
      ({ zeros: "zeros on SDXL", encoded: "encoded", "as-written": "zeros on SDXL" })[toolHabits[tool].emptyNegative],
    source: "ComfyUI encodes it; A1111, stable-diffusion.cpp, and diffusers where none is given: zeros",
  },
  {
    code: "picture-encoding",
    title: "how the picture to start from is encoded",
    of: ({ init }) => init?.encode,
    habit: (tool) => toolHabits[tool].encode,
    source: "diffusers and A1111 sample the VAE's distribution, ComfyUI takes its mean",
  },
];

/** How a tool has a switch, in words. */
export function switchText({ habit, rule }: Switch, tool: ToolName): string {
  return habit?.(tool) ?? rule?.(tool) ?? "";
}

/** Differences, settings first; none for plans that make the same picture of the same files. */
export function planDifferences(one: GeneratePlan, other: GeneratePlan): readonly PlanDifference[] {
  const found = settings.flatMap((field) => differenceOf(field, "setting", one, other));
  const codes = new Set(found.map(({ code }) => code));
  // what another schedule, sampler or number of steps brings with it is no habit of a tool
  const follows = ["sampler", "schedule", "steps"].some((code) => codes.has(code));
  const fromRun = new Set(["timestep-rounding", "sigmas", "idle-draws", "step-target", "sampler-settings"]);
  const switches = planSwitches
    .filter(({ code }) => !follows || !fromRun.has(code))
    .filter(({ code }) => code !== "sigmas" || !sameSigmas(one, other))
    .flatMap((field) => differenceOf(field, "switch", one, other));
  return [...found, ...switches];
}

function differenceOf(
  field: Field | Switch,
  kind: PlanDifference["kind"],
  one: GeneratePlan,
  other: GeneratePlan,
): readonly PlanDifference[] {
  const values = [field.of(one), field.of(other)] as const;
  if (values[0] === values[1]) return [];
  const { code, title } = field;
  const shown = [values[0] ?? "none", values[1] ?? "none"] as const;
  const habit = "habit" in field ? field.habit : undefined;
  if (habit === undefined) return [{ code, kind, title, values: shown }];
  const having = (value: string | undefined) => toolNames.filter((tool) => habit(tool) === value);
  return [{ code, kind, title, values: shown, tools: [having(values[0]), having(values[1])] }];
}

function sameSigmas(one: GeneratePlan, other: GeneratePlan): boolean {
  const near = (a: number, b: number) => a === b || Math.abs(a - b) <= SAME_SIGMA * Math.max(a, b);
  const [first, second] = [rowsOf(one), rowsOf(other)];
  return (
    first.length === second.length &&
    first.every((row, i) => {
      const twin = second[i]!;
      return near(sigmaValue(row.sigma), sigmaValue(twin.sigma)) && near(row.sigmaNext, twin.sigmaNext);
    })
  );
}
