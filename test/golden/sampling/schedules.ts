// sampling/schedules.json: named schedules in the words of ComfyUI, A1111 and diffusers, the timesteps fed, ComfyUI's denoise,
// the penultimate rule, start noise and the training table.
import {
  createNoiseSchedule,
  dropPenultimate,
  FewstepError,
  type ProfileName,
  planSampling,
  type ScheduleName,
  sigmaAt,
  wholeSchedule,
} from "@fewstep/core";
import type { GoldenCase, GoldenCheck } from "../golden-case.js";
import { checkThat, checkValues, parseBound, type StoredBound } from "../stored-bound.js";

/** The golden's name of a schedule -> ours, where they differ. */
const names: Readonly<Record<string, ScheduleName>> = {
  "beta/comfyui": "beta",
  "beta/a1111": "beta_sigmas",
  "kl_optimal/comfyui": "kl_optimal",
  "kl_optimal/a1111": "kl_optimal_open",
  "turbo/demo": "turbo",
  "lcm/comfyui-grid+sgm_uniform": "lcm_sgm_uniform",
  "lcm/a1111-automatic": "lcm_linspace",
  "lcm/diffusers": "lcm",
  "ays/comfy-sd15": "ays_sd15",
  "ays/comfy-sdxl": "ays_sdxl",
  "ays/a1111-sd15": "ays_sd15_rounded",
  "ays/a1111-sdxl": "ays_sdxl_rounded",
};

type Table = Readonly<Record<string, number>>;

interface StoredFile {
  readonly bound: string;
  readonly table: {
    readonly alpha_bar: Table;
    readonly sigma: Table;
    readonly sigma_at_real_t: Table;
    readonly zsnr_comfyui: Table;
  };
  readonly start_noise: readonly {
    readonly sigma: number;
    readonly comfyui_scale: number;
    readonly plain_scale: number;
  }[];
  readonly penultimate_dropped: readonly { readonly id: string; readonly sigmas: readonly number[] }[];
  readonly denoise: readonly { readonly id: string; readonly sigmas: readonly number[]; readonly built_for: number }[];
  readonly cases: readonly StoredCase[];
}

interface StoredCase {
  readonly id: string;
  readonly undefined?: boolean;
  readonly steps?: number;
  readonly calls?: number;
  readonly sigmas?: readonly number[];
  readonly timesteps?: Readonly<Partial<Record<"comfyui" | "a1111", readonly number[]>>>;
}

export function* cases(file: unknown): Iterable<GoldenCase> {
  const stored = file as StoredFile;
  const bound = parseBound(stored.bound);
  for (const one of stored.cases) yield { id: one.id, run: () => compareSchedule(one, bound) };
  for (const one of stored.penultimate_dropped) {
    const { schedule, rest } = parseId(one.id.replace("penultimate/", ""), 1);
    const sigmas = dropPenultimate(wholeSchedule({ schedule, steps: rest[0]! + 1, profile: "comfyui" })).sigmas;
    yield { id: one.id, run: () => [checkValues("sigmas", sigmas, one.sigmas, bound)] };
  }
  for (const one of stored.denoise) {
    const { schedule, rest } = parseId(one.id.replace("denoise/", ""), 2);
    yield { id: one.id, run: () => compareDenoise(schedule, rest[0]!, rest[1]!, one, bound) };
  }
  for (const one of stored.start_noise) yield { id: `start noise/${one.sigma}`, run: () => compareStart(one, bound) };
  yield { id: "table", run: () => compareTable(stored.table, bound) };
}

/** "ays/comfy-sd15/4" -> schedule and the numbers at the end. */
function parseId(id: string, numbers: number) {
  const parts = id.split("/");
  const word = parts.slice(0, -numbers).join("/");
  return { schedule: names[word] ?? (word as ScheduleName), rest: parts.slice(-numbers).map(Number) };
}

function compareSchedule(one: StoredCase, bound: StoredBound): readonly GoldenCheck[] {
  const { schedule, rest } = parseId(one.id, 1);
  const built = (profile: ProfileName) => wholeSchedule({ schedule, steps: rest[0]!, profile });
  if (one.undefined)
    return [
      checkThat(
        "refused",
        refuses(() => built("comfyui")),
      ),
    ];
  const { sigmas } = built("comfyui");
  const checks = [
    checkValues("sigmas", sigmas, one.sigmas ?? [], bound),
    checkValues("steps", [rest[0]!], [one.steps ?? Number.NaN], bound),
    checkValues("calls", [sigmas.length - 1], [one.calls ?? Number.NaN], bound),
  ];
  for (const [profile, timesteps] of Object.entries(one.timesteps ?? {}) as [ProfileName, readonly number[]][]) {
    checks.push(timestepCheck(profile, built(profile).timesteps, timesteps, bound));
  }
  return checks;
}

/** Fractional timesteps near 0 are differences of logarithms: what rounding leaves there is compared on the scale of a timestep. */
function timestepCheck(profile: string, actual: readonly number[], expected: readonly number[], bound: StoredBound) {
  return checkValues(`timesteps ${profile}`, actual, expected, { ...bound, kind: "scaled" });
}

function compareDenoise(
  schedule: ScheduleName,
  steps: number,
  strength: number,
  one: StoredFile["denoise"][number],
  bound: StoredBound,
): readonly GoldenCheck[] {
  const options = { schedule, steps, strength, profile: "comfyui" } as const;
  const { rows } = planSampling(options);
  const sigmas = [...rows.map((row) => row.sigma as number), rows[rows.length - 1]!.sigmaNext];
  const asked = wholeSchedule({ schedule, steps: one.built_for, profile: "comfyui" });
  return [
    checkValues("sigmas", sigmas, one.sigmas, bound),
    checkValues("built_for", wholeSchedule(options).sigmas, asked.sigmas, bound),
  ];
}

function compareStart(one: StoredFile["start_noise"][number], bound: StoredBound): readonly GoldenCheck[] {
  const scale = (profile: ProfileName) => planSampling({ sigmas: [one.sigma, 0], profile }).start.noise;
  return [
    checkValues("comfyui_scale", [scale("comfyui")], [one.comfyui_scale], bound),
    checkValues("plain_scale", [scale("a1111")], [one.plain_scale], bound),
  ];
}

function compareTable(table: StoredFile["table"], bound: StoredBound): readonly GoldenCheck[] {
  const noise = createNoiseSchedule();
  const zsnr = createNoiseSchedule({ zeroTerminalSnr: "comfyui" });
  const column = (name: string, stored: Table, value: (t: number) => number) =>
    checkValues(
      name,
      Object.keys(stored).map((t) => value(Number(t))),
      Object.values(stored),
      bound,
    );
  return [
    column("alpha_bar", table.alpha_bar, (t) => noise.alphaBar[t]!),
    column("sigma", table.sigma, (t) => noise.sigmas[t]!),
    column("sigma_at_real_t", table.sigma_at_real_t, (t) => sigmaAt(noise, t, "log-sigma")),
    column("zsnr_comfyui", table.zsnr_comfyui, (t) => zsnr.sigmas[t]!),
  ];
}

function refuses(build: () => unknown): boolean {
  try {
    build();
    return false;
  } catch (error) {
    return error instanceof FewstepError && error.code === "undefined-schedule";
  }
}
