// The options that say how a sampler and a schedule are set beyond their names: any setting by its name, and what belongs to guidance and
// timesteps. Whether a sampler has a setting is for the plan to say.
import type { SamplerSettings, SamplingOptions, ScheduleOptions } from "@fewstep/core";
import type { Command } from "commander";
import { badValue, isNumber, number, word } from "./parse-values.js";

type Churn = NonNullable<SamplerSettings["churn"]>;
type Restarts = NonNullable<SamplerSettings["restarts"]>;
type Value = string | number | boolean | readonly number[] | Churn | Restarts;
export type SettingPair = readonly [name: string, value: Value];
type Pairs = readonly SettingPair[];

export interface SettingOptions {
  readonly eta?: number;
  readonly gamma?: number;
  readonly samplerSet?: Pairs;
  readonly scheduleSet?: Pairs;
  readonly rescale?: number;
  readonly timeShift?: number;
  readonly last?: "zero" | "sigma_min";
}

type Kind = "number" | "boolean" | "text" | "numbers" | "churn" | "restarts";

const SAMPLER_SETTINGS: Readonly<Record<keyof SamplerSettings, Kind>> = {
  eta: "number",
  gamma: "number",
  noiseScale: "number",
  order: "number",
  solver: "text",
  lowerOrderFinal: "boolean",
  eulerAtFinal: "boolean",
  combine: "text",
  uncorrectedRows: "numbers",
  ratio: "number",
  variance: "text",
  clip: "number",
  churn: "churn",
  rungeKutta: "boolean",
  restarts: "restarts",
};

const SCHEDULE_SETTINGS: Readonly<Record<Exclude<keyof ScheduleOptions, "name">, Kind>> = {
  over: "text",
  stepsOffset: "number",
  rho: "number",
  sigmaMin: "number",
  sigmaMax: "number",
  originSteps: "number",
  originStrength: "number",
  everyTimestep: "boolean",
};

const WORDS: Readonly<Record<string, readonly string[]>> = {
  solver: ["midpoint", "heun", "bh1", "bh2"],
  combine: ["denoised", "noise"],
  variance: ["small", "large"],
  over: ["trailing", "leading", "linspace"],
};

const READ: Readonly<Record<Kind, (text: string, name: string) => unknown>> = {
  number: (text) => (isNumber(text) ? Number(text) : undefined),
  boolean: (text) => ({ true: true, false: false })[text],
  text: (text, name) => WORDS[name]?.find((one) => one === text),
  numbers: (text) => (text.split("/").every(isNumber) ? text.split("/").map(Number) : undefined),
  churn: (text) => {
    const [amount, from, to, ...rest] = text.split(":");
    if (rest.length > 0 || ![amount, from, to].every((one) => one === undefined || isNumber(one))) return undefined;
    return {
      amount: Number(amount),
      ...(from === undefined ? {} : { from: Number(from) }),
      ...(to === undefined ? {} : { to: Number(to) }),
    };
  },
  restarts: (text) => {
    const climbs = text.split("/").map((climb) => climb.split(":"));
    if (!climbs.every((parts) => parts.length === 4 && parts.every(isNumber))) return undefined;
    return climbs.map((parts) => {
      const [low, high, steps, times] = parts.map(Number) as [number, number, number, number];
      return { low, high, steps, times };
    });
  },
};

export function addSettingOptions(command: Command): Command {
  return command
    .option("--eta <n>", "share of fresh noise (ddim, euler_ancestral)", number("eta"))
    .option("--gamma <n>", "randomness of tcd, 0 to 1", number("gamma"))
    .option(
      "--sampler-set <name=value,...>",
      `any setting of the sampler: ${Object.keys(SAMPLER_SETTINGS).join(", ")}`,
      pairs("sampler-set", SAMPLER_SETTINGS),
    )
    .option(
      "--schedule-set <name=value,...>",
      `any setting of the schedule: ${Object.keys(SCHEDULE_SETTINGS).join(", ")}`,
      pairs("schedule-set", SCHEDULE_SETTINGS),
    )
    .option("--last <end>", "where the last step ends: zero, sigma_min", word("last", ["zero", "sigma_min"]))
    .option(
      "--rescale <phi>",
      "guidance rescale, 0 (default) to 1: against burnt pictures at zero terminal SNR",
      number("rescale"),
    )
    .option("--time-shift <n>", "feed floor(t * n / 1000): NitroFusion's models", number("time-shift"));
}

/** Parts of SamplingOptions; `settings` and `schedule` as far as names brought some already. */
export function settingsOf(
  { eta, gamma, samplerSet = [], scheduleSet, rescale, timeShift, last }: SettingOptions,
  settings: SamplerSettings | undefined,
  schedule: ScheduleOptions | undefined,
): Pick<SamplingOptions, "settings" | "schedule" | "guidanceRescale" | "timestepShift" | "last"> {
  const all = {
    ...settings,
    ...(eta === undefined ? {} : { eta }),
    ...(gamma === undefined ? {} : { gamma }),
    ...Object.fromEntries(samplerSet),
  };
  if (scheduleSet !== undefined && schedule === undefined) {
    throw badValue("schedule-set", scheduleSet[0]![0], "a schedule whose setting it is", "add --schedule NAME");
  }
  return {
    ...(Object.keys(all).length === 0 ? {} : { settings: all }),
    ...(schedule === undefined ? {} : { schedule: { ...schedule, ...Object.fromEntries(scheduleSet ?? []) } }),
    ...(rescale === undefined ? {} : { guidanceRescale: rescale }),
    ...(timeShift === undefined ? {} : { timestepShift: timeShift }),
    ...(last === undefined ? {} : { last }),
  };
}

/** A setting as its option writes it. */
export function settingText([name, value]: SettingPair): string {
  return `${name}=${valueText(value)}`;
}

function valueText(value: Value): string {
  if (typeof value !== "object") return String(value);
  if ("amount" in value) {
    const { amount, from, to } = value;
    return [amount, from, to].filter((one) => one !== undefined).join(":");
  }
  return value
    .map((one) => (typeof one === "number" ? one : [one.low, one.high, one.steps, one.times].join(":")))
    .join("/");
}

/** name=value with commas between; dashes in names are the capitals after them. */
function pairs(option: string, known: Readonly<Record<string, Kind>>): (text: string) => Pairs {
  const names = Object.keys(known);
  return (text) => {
    const written = text.split(",", names.length + 1);
    if (written.length > names.length) throw badValue(option, text, `at most ${names.length} settings`);
    return written.map((pair) => {
      const [key = "", ...rest] = pair.split("=");
      const name = key.trim().replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
      if (!Object.hasOwn(known, name)) throw badValue(option, pair, `one of ${names.join(", ")}, "=", a value`);
      const read = READ[known[name]!](rest.join("=").trim(), name);
      if (read !== undefined) return [name, read as Value];
      throw badValue(option, pair, expectedOf(name, known[name]!));
    });
  };
}

function expectedOf(name: string, kind: Kind): string {
  switch (kind) {
    case "number":
      return `${name}=NUMBER`;
    case "boolean":
      return `${name}=true or ${name}=false`;
    case "text":
      return WORDS[name]!.map((one) => `${name}=${one}`).join(", ");
    case "numbers":
      return `${name}=0/2/5: numbers with strokes between`;
    case "churn":
      return `${name}=AMOUNT or ${name}=AMOUNT:FROM:TO`;
    case "restarts":
      return `${name}=LOW:HIGH:STEPS:TIMES, with strokes between several`;
    default:
      return kind satisfies never;
  }
}
