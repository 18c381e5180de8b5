// The names of all samplers, and the settings any of them understands.
// One flat record: a sampler that has no use for a setting refuses it (sampler-definitions.ts says which it takes).

export type SamplerName =
  | "euler"
  | "euler_ancestral"
  | "ddim"
  | "ddpm"
  | "lcm"
  | "tcd"
  | "heun"
  | "dpm_2"
  | "dpm_2_ancestral"
  | "lms"
  | "dpmpp_2s_ancestral"
  | "dpmpp_sde"
  | "dpmpp_2m"
  | "dpmpp_2m_sde"
  | "dpmpp_3m_sde"
  | "dpmpp_singlestep"
  | "unipc"
  | "deis"
  | "pndm"
  | "restart";

export interface SamplerSettings {
  /** Share of the ancestral noise: 0 none, 1 all. */
  readonly eta?: number;
  /** TCD's stochasticity: 0 deterministic, 1 the same as LCM. */
  readonly gamma?: number;
  /** Factor on every noise draw after the start (k-diffusion's s_noise). */
  readonly noiseScale?: number;
  /** Highest order of a multistep sampler. */
  readonly order?: number;
  /** DPM-Solver++: midpoint or heun. UniPC: bh1 or bh2. */
  readonly solver?: "midpoint" | "heun" | "bh1" | "bh2";
  /** Lower orders at the end of short runs (fewer than 15 steps). */
  readonly lowerOrderFinal?: boolean;
  /** First order in the last step, however it ends. */
  readonly eulerAtFinal?: boolean;
  /** UniPC: whether denoised pictures are combined (true) or noises. */
  readonly combine?: "denoised" | "noise";
  /** UniPC: rows whose result is not corrected. */
  readonly uncorrectedRows?: readonly number[];
  /** dpmpp_sde: where between two sigmas (in ln sigma) the second call lies. */
  readonly ratio?: number;
  /** ddpm: which posterior variance. */
  readonly variance?: "small" | "large";
  /** Denoised values are held within this range. */
  readonly clip?: number;
  /** Stochastic churn (Karras et al. 2022, Algorithm 2). */
  readonly churn?: Churn;
  /** pndm: start with Runge-Kutta steps. */
  readonly rungeKutta?: boolean;
  /** restart: the climbs back to more noise. */
  readonly restarts?: readonly Restart[];
}

export interface Churn {
  /** Spread over the run: each step adds amount / steps, at most sqrt(2) - 1. */
  readonly amount: number;
  readonly from?: number;
  readonly to?: number;
}

/** Xu et al. 2023: after reaching about `low`, climb to about `high` and come down again in `steps` Karras points, `times` times. */
export interface Restart {
  readonly low: number;
  readonly high: number;
  readonly steps: number;
  readonly times: number;
}

/** How a sampler walks: along its schedule, by PNDM's calls, or with restarts. */
export type LegKind = "schedule" | "pndm" | "restart";
