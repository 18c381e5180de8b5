// Curves of sigma from the largest to the smallest: n values between two ends, knowing nothing of timesteps.
// Sources: Karras et al. 2022 eq. 5 (karras); k-diffusion (exponential, polyexponential, vp); Lee et al. 2024 (beta);
// Xue et al. 2024 (kl_optimal); diffusers (use_lu_lambdas: linear in ln sigma, so the exponential curve under another name).
import { betaQuantile } from "./beta-quantile.js";
import { linspace } from "./linspace.js";

export type RampName = "karras" | "exponential" | "polyexponential" | "beta_sigmas" | "kl_optimal" | "lu";

export interface RampRange {
  readonly min: number;
  readonly max: number;
  /** karras: default 7. polyexponential: default 1. */
  readonly rho?: number;
}

export const ramps: Readonly<Record<RampName, (count: number, range: RampRange) => readonly number[]>> = {
  karras: (count, { min, max, rho = 7 }) => {
    const top = max ** (1 / rho);
    const bottom = min ** (1 / rho);
    return linspace(0, 1, count).map((ramp) => (top + ramp * (bottom - top)) ** rho);
  },
  exponential: logLinear,
  lu: logLinear,
  polyexponential: (count, { min, max, rho = 1 }) =>
    linspace(1, 0, count).map((ramp) => Math.exp(ramp ** rho * Math.log(max / min) + Math.log(min))),
  beta_sigmas: (count, { min, max }) =>
    linspace(0, 1, count).map((ramp) => min + betaQuantile(1 - ramp, 0.6, 0.6) * (max - min)),
  kl_optimal: (count, { min, max }) =>
    linspace(0, 1, count).map((ramp) => Math.tan(ramp * Math.atan(min) + (1 - ramp) * Math.atan(max))),
};

/** sigmas of the continuous variance-preserving process (Song et al. 2021), t from 1 to `end`. Nothing here uses a training table. */
export function variancePreservingSigmas(
  count: number,
  betaRange: number,
  betaMin: number,
  end: number,
): readonly number[] {
  return linspace(1, end, count).map((time) => Math.sqrt(Math.expm1((betaRange * time * time) / 2 + betaMin * time)));
}

/** Published sigmas brought to another number of points: linear in ln sigma over the list's own index. */
export function logLinearResample(sigmas: readonly number[], count: number): readonly number[] {
  const logs = sigmas.map(Math.log);
  return linspace(0, sigmas.length - 1, count).map((position) => {
    const low = Math.min(sigmas.length - 2, Math.floor(position));
    const weight = position - low;
    return Math.exp(logs[low]! + weight * (logs[low + 1]! - logs[low]!));
  });
}

function logLinear(count: number, { min, max }: RampRange): readonly number[] {
  return linspace(Math.log(max), Math.log(min), count).map(Math.exp);
}
