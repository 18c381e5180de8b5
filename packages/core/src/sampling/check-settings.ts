// Refuses settings that a sampler would ignore or cannot use: a silent difference in a recipe is worse than an error.
import { FewstepError } from "../errors.js";
import type { SamplerDefinition } from "./sampler-definitions.js";
import type { SamplerName, SamplerSettings } from "./sampler-settings.js";

type NumberSetting = "eta" | "gamma" | "noiseScale" | "ratio" | "clip";

const ranges: Readonly<Record<NumberSetting, readonly [low: number, high: number]>> = {
  eta: [0, 10],
  gamma: [0, 1],
  noiseScale: [0, 10],
  ratio: [0.001, 1],
  clip: [0, Number.MAX_VALUE],
};

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
  const { order, solver, churn } = settings;
  const highest = definition.highestOrder ?? 3;
  if (order !== undefined && !(Number.isInteger(order) && order >= 1 && order <= highest)) {
    throw bad("order", order, `1 to ${highest}`);
  }
  if (solver !== undefined && definition.solvers?.includes(solver) === false) {
    throw bad("solver", solver, definition.solvers.join(" or "));
  }
  if (churn !== undefined && !(churn.amount >= 0 && churn.amount < Infinity)) {
    throw bad("churn", churn.amount, "an amount of 0 or more");
  }
}

function bad(key: string, value: unknown, expected: string): FewstepError {
  return new FewstepError({
    code: "bad-setting",
    message: `the sampler's ${key} is out of range`,
    found: String(value),
    expected,
  });
}
