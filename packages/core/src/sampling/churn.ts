// Stochastic churn (Karras et al. 2022, Algorithm 2): a step may begin with a little fresh noise.
import type { SamplerSettings } from "./sampler-settings.js";

/** The sigma after churning, or undefined where nothing is added. `steps` is the length of the whole run. */
export function churnedSigma({ churn }: SamplerSettings, sigma: number, steps: number): number | undefined {
  if (churn === undefined) return undefined;
  const { amount, from = 0, to = Infinity } = churn;
  const gamma = sigma >= from && sigma <= to ? Math.min(amount / steps, Math.SQRT2 - 1) : 0;
  return gamma > 0 ? sigma * (1 + gamma) : undefined;
}
