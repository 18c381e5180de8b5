// Starting from a picture: how many of N steps a strength keeps, and how a picture is brought to a row's noise level.
// Three rules: diffusers cuts the list; ComfyUI builds a longer list and keeps its end; A1111 cuts and keeps one step more.
import { FewstepError } from "../errors.js";
import { alphaOf } from "./noise-schedule.js";
import type { Profile } from "./profiles.js";
import { type LatentUnits, type SamplingPlan, type SamplingRow, sigmaValue } from "./sampling-plan.js";
import { type Values, weightedSum } from "./values.js";

export interface KeptSteps {
  /** Steps the schedule is built with. */
  readonly built: number;
  /** Steps kept, counted from the end; undefined keeps all, however many the schedule has. */
  readonly kept: number | undefined;
}

type StrengthRule = (steps: number, strength: number) => KeptSteps;

const rules: Readonly<Record<Profile["strength"], StrengthRule>> = {
  cut: (steps, strength) => ({ built: steps, kept: Math.min(Math.trunc(steps * strength), steps) }),
  stretch: (steps, strength) => ({ built: strength > 0.9999 ? steps : Math.trunc(steps / strength), kept: steps }),
  "cut-one-more": (steps, strength) => ({ built: steps, kept: Math.trunc(Math.min(strength, 0.999) * steps) + 1 }),
};

/**
 * What a strength (0 to 1) keeps of a run.
 * @throws FewstepError `strength-too-low` when no step would be left; `bad-strength` outside 0 to 1
 */
export function stepsForStrength(steps: number, strength: number, rule: Profile["strength"]): KeptSteps {
  if (!(strength >= 0 && strength <= 1)) {
    throw new FewstepError({
      code: "bad-strength",
      message: "the strength is out of range",
      found: String(strength),
      expected: "0 to 1",
    });
  }
  const plan = strength === 0 ? { built: steps, kept: 0 } : rules[rule](steps, strength);
  if (plan.kept === 0) {
    throw new FewstepError({
      code: "strength-too-low",
      message: "the strength leaves no step to run",
      found: `${steps} steps at strength ${strength}`,
      expected: `a strength of at least ${Math.ceil(1000 / steps) / 1000}, or more steps`,
    });
  }
  return plan;
}

/** Factors of picture and noise at a sigma, in the plan's units. */
export function noisingFactors(units: LatentUnits, sigma: number): { readonly image: number; readonly noise: number } {
  if (units === "sigma") return { image: 1, noise: sigma };
  const image = alphaOf(sigma);
  return { image, noise: sigma === Infinity ? 1 : sigma * image };
}

/** A picture's latents at the noise level at which a row begins, in the plan's units (inpainting blends with this). */
export function noisedTo<V extends Values>(plan: SamplingPlan, row: SamplingRow, image: V, noise: V): V {
  const factors = noisingFactors(plan.units, sigmaValue(row.sigma));
  return weightedSum([factors.image, image], [factors.noise, noise]);
}
