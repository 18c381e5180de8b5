// Restart sampling (Xu et al. 2023): near the end the state is noised again to a larger sigma and comes down once more.
// The automatic plan, for runs of 20 steps and more, is A1111's.
import { ramps } from "./ramps.js";
import type { Restart } from "./sampler-settings.js";

export interface RestartLeg {
  readonly sigma: number;
  readonly next: number;
  readonly renoiseFrom?: number;
}

/** The legs of a run over `sigmas` with its climbs. Without `restarts` short runs have none. */
export function restartLegs(sigmas: readonly number[], restarts?: readonly Restart[]): readonly RestartLeg[] {
  const automatic = restarts === undefined ? automaticPlan(sigmas) : { sigmas, restarts };
  const path = automatic.sigmas;
  const climbs = new Map(automatic.restarts.map((restart) => [nearest(path, restart.low), restart]));
  const legs: RestartLeg[] = [];
  for (let i = 0; i + 1 < path.length; i++) {
    legs.push({ sigma: path[i]!, next: path[i + 1]! });
    const climb = climbs.get(i + 1);
    if (climb !== undefined) legs.push(...climbLegs(path, i + 1, climb));
  }
  return legs;
}

function climbLegs(path: readonly number[], bottom: number, { high, steps, times }: Restart): readonly RestartLeg[] {
  const top = nearest(path, high);
  if (top >= bottom) return [];
  const points = ramps.karras(steps, { min: path[bottom]!, max: path[top]! });
  const descent = points.slice(0, -1).map((sigma, i) => ({ sigma, next: points[i + 1]! }));
  return Array.from({ length: times }, () =>
    descent.map((leg, i) => (i === 0 ? { ...leg, renoiseFrom: path[bottom]! } : leg)),
  ).flat();
}

function automaticPlan(sigmas: readonly number[]) {
  const steps = sigmas.length - 1;
  if (steps < 20) return { sigmas, restarts: [] };
  const long = steps >= 36;
  const extra = long ? Math.floor(steps / 4) : 9;
  const times = long ? 2 : 1;
  const path = [...ramps.karras(steps - extra * times, { min: sigmas[steps - 1]!, max: sigmas[0]! }), 0];
  return { sigmas: path, restarts: [{ low: 0.1, high: 2, steps: extra + 1, times }] };
}

function nearest(sigmas: readonly number[], target: number): number {
  return sigmas.reduce((best, sigma, i) => (Math.abs(sigma - target) < Math.abs(sigmas[best]! - target) ? i : best), 0);
}
