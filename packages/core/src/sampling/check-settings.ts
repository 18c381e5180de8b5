// Refuses settings that a sampler would ignore or cannot use, and options out of range: a silent difference in a recipe is worse than an
// error.
import { FewstepError } from "../errors.js";
import type { SamplerDefinition } from "./sampler-definitions.js";
import type { SamplerName, SamplerSettings } from "./sampler-settings.js";
import type { SamplingOptions } from "./sampling-options.js";
import type { ScheduleOptions } from "./schedules.js";

type NumberSetting = "eta" | "gamma" | "noiseScale" | "ratio" | "clip";

const ranges: Readonly<Record<NumberSetting, readonly [low: number, high: number]>> = {
  eta: [0, 10],
  gamma: [0, 1],
  noiseScale: [0, 10],
  ratio: [0.001, 1],
  clip: [0, Number.MAX_VALUE],
};

/** Published restarts climb in 10 steps or fewer, at most 30 times. */
const MAX_CLIMB_STEPS = 1_000;

/** @throws FewstepError `unused-setting`, `bad-setting` */
export function checkSettings(name: SamplerName, definition: SamplerDefinition, settings: SamplerSettings): void {
  const known = new Set([...Object.keys(definition.settings), ...(definition.takes ?? [])]);
  for (const [key, value] of Object.entries(settings)) {
    if (value !== undefined && !known.has(key)) {
      throw new FewstepError({
        code: "unused-setting",
        message: `the sampler ${name} has no setting ${key}`,
        found: key,
        expected: known.size === 0 ? "no settings" : [...known].join(", "),
      });
    }
  }
  for (const [key, [low, high]] of Object.entries(ranges) as [NumberSetting, readonly [number, number]][]) {
    const value = settings[key];
    if (value !== undefined && !(value >= low && value <= high)) throw bad(key, value, `${low} to ${high}`);
  }
  const { order, solver, churn, restarts } = settings;
  const highest = definition.highestOrder ?? 3;
  if (order !== undefined && !(Number.isInteger(order) && order >= 1 && order <= highest)) {
    throw bad("order", order, `1 to ${highest}`);
  }
  if (solver !== undefined && definition.solvers?.includes(solver) === false) {
    throw bad("solver", solver, definition.solvers.join(" or "));
  }
  for (const { low, high, steps, times } of restarts ?? []) {
    const fits = Number.isInteger(steps) && steps >= 2 && Number.isInteger(times) && times >= 1;
    if (fits && steps * times <= MAX_CLIMB_STEPS && low > 0 && low < high && high < Infinity) continue;
    throw bad(
      "restarts",
      `${low} to ${high} in ${steps} steps, ${times} times`,
      "0 < low < high, 2 steps or more, once or more",
    );
  }
  if (churn !== undefined && !(churn.amount >= 0 && churn.amount < Infinity)) {
    throw bad("churn", churn.amount, "an amount of 0 or more");
  }
}

type NumberOption = "guidanceRescale" | "timestepShift";
type NumberScheduleOption = "rho" | "sigmaMin" | "sigmaMax" | "stepsOffset" | "originSteps" | "originStrength";

const optionRanges: Readonly<Record<NumberOption | NumberScheduleOption, readonly [low: number, high: number]>> = {
  guidanceRescale: [0, 1],
  timestepShift: [1, 1000],
  rho: [0.01, 1000],
  sigmaMin: [1e-6, 1e6],
  sigmaMax: [1e-6, 1e6],
  stepsOffset: [0, 999],
  originSteps: [1, 1000],
  originStrength: [0.001, 1],
};
const wholeOptions: ReadonlySet<string> = new Set(["stepsOffset", "originSteps"]);

/** Numbers that no formula refuses by itself. @throws FewstepError `bad-sampling-option` */
export function checkOptions({ schedule, ...options }: SamplingOptions): void {
  const list: Partial<ScheduleOptions> = typeof schedule === "object" ? schedule : {};
  const given = { ...list, guidanceRescale: options.guidanceRescale, timestepShift: options.timestepShift };
  for (const [key, [low, high]] of Object.entries(optionRanges)) {
    const value = given[key as keyof typeof optionRanges];
    if (value === undefined) continue;
    const whole = wholeOptions.has(key);
    if (value >= low && value <= high && (!whole || Number.isInteger(value))) continue;
    throw badOption(key, value, `${whole ? "a whole number from " : ""}${low} to ${high}`);
  }
  const { sigmaMin, sigmaMax } = list;
  if (sigmaMin !== undefined && sigmaMax !== undefined && sigmaMin >= sigmaMax) {
    throw badOption("sigmaMin", sigmaMin, `less than sigmaMax, ${sigmaMax}`);
  }
}

function badOption(key: string, value: number, expected: string): FewstepError {
  return new FewstepError({
    code: "bad-sampling-option",
    message: `the ${key} of the sampling is out of range`,
    found: String(value),
    expected,
  });
}

function bad(key: string, value: unknown, expected: string): FewstepError {
  return new FewstepError({
    code: "bad-setting",
    message: `the sampler's ${key} is out of range`,
    found: String(value),
    expected,
  });
}
