// How the next sigma is reached: deterministically down to sigmaDown, then up again with fresh noise of sigmaUp.
// This pair is all that tells Euler, DDIM, ancestral, LCM and TCD apart.

export interface Split {
  readonly down: number;
  readonly up: number;
}

/** Everything down: Euler, DDIM with eta 0. */
export function splitDown(next: number): Split {
  return { down: next, up: 0 };
}

/** Everything up: the model's picture is noised afresh (LCM, multistep consistency sampling). */
export function splitUp(next: number): Split {
  return { down: 0, up: next };
}

/** Ancestral with eta (k-diffusion); DDIM's eta is the same in sigma coordinates (Song et al. 2020, eq. 16). eta 1 is DDPM's posterior. */
export function splitAncestral(sigma: number, next: number, eta: number): Split {
  if (eta === 0 || next === 0) return splitDown(next);
  const posterior =
    sigma === Infinity ? next : Math.sqrt((next * next * (sigma * sigma - next * next)) / (sigma * sigma));
  const up = Math.min(next, eta * posterior);
  return { down: Math.sqrt(Math.max(0, next * next - up * up)), up };
}

/** TCD (Zheng et al. 2024): down to the sigma of an earlier timestep, the rest up. */
export function splitTrajectory(next: number, downSigma: number): Split {
  const down = Math.min(next, downSigma);
  return { down, up: Math.sqrt(next * next - down * down) };
}

/**
 * The timestep TCD steps down to: floor((1 - gamma) * next), in the float32 arithmetic of the reference implementation.
 * gamma 0.8 of 500 gives 100 there, 99 in doubles.
 */
export function trajectoryTimestep(next: number, gamma: number): number {
  return Math.floor(Math.fround(Math.fround(1 - gamma) * Math.fround(next)));
}

/** DDPM's two choices of variance around the posterior mean (Ho et al. 2020, section 3.2); the floor of 1e-20 is diffusers'. */
export function splitPosterior(sigma: number, next: number, variance: "small" | "large"): Split {
  const down = sigma === Infinity ? 0 : (next * next) / sigma;
  const alphaBar = 1 / (1 + next * next);
  const ratio = sigma === Infinity ? 0 : (1 + next * next) / (1 + sigma * sigma);
  const beta = 1 - ratio;
  const small = sigma === Infinity ? (1 - alphaBar) * beta : ((1 - alphaBar) / (1 - 1 / (1 + sigma * sigma))) * beta;
  const chosen = variance === "large" ? beta : Math.max(small, 1e-20);
  return { down, up: Math.sqrt(chosen / alphaBar) };
}
