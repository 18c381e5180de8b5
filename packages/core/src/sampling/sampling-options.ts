// What a caller may ask of a sampling run. Only types: plan.ts turns them into a plan.
import type { NoiseRequest } from "./noise/noise-source.js";
import type { NoiseScheduleOptions } from "./noise-schedule.js";
import type { Prediction, PredictionType } from "./prediction.js";
import type { ProfileName } from "./profiles.js";
import type { SamplerName, SamplerSettings } from "./sampler-settings.js";
import type { ScheduleName, ScheduleOptions } from "./schedules.js";

export interface SamplingOptions {
  /** Number of steps; not with `timesteps` or `sigmas`. */
  readonly steps?: number;
  /** Default `euler`. */
  readonly sampler?: SamplerName;
  /** Default: the sampler's own (`lcm` for lcm and tcd, `trailing` for most). */
  readonly schedule?: ScheduleName | ScheduleOptions;
  /** Exactly these timesteps, descending. */
  readonly timesteps?: readonly number[];
  /** Exactly these sigmas, descending, the last one (usually 0) included. */
  readonly sigmas?: readonly number[];
  /** Default `epsilon`. lcm adds the consistency boundary by itself. */
  readonly prediction?: PredictionType | Prediction;
  /** Default 1 (no second run); a list gives each row its own. */
  readonly guidance?: number | readonly number[];
  /** Default 0. */
  readonly guidanceRescale?: number;
  readonly settings?: SamplerSettings;
  readonly noiseSchedule?: NoiseScheduleOptions;
  /** Rescale the noise schedule to zero terminal SNR, in the way the sampler's library does. Default false. */
  readonly zeroTerminalSnr?: boolean;
  /** Where the last step ends; default the sampler's own. */
  readonly last?: "zero" | "sigma_min";
  /** Part of the run that is made when it starts from a picture, 0 to 1; without it the whole run is made. */
  readonly strength?: number;
  /** The fed timestep is floor(t * shift / 1000): NitroFusion's models (250 or 500). */
  readonly timestepShift?: number;
  /** What the network is fed: the timestep (default), or a quarter of ln sigma (EDM-trained v models). */
  readonly timestepInput?: "timestep" | "quarter-log-sigma";
  /** Factor of the start noise: sigma, or sqrt(sigma^2 + 1). Default the profile's rule. */
  readonly start?: "sigma" | "root";
  /** Whose habits are followed; default `diffusers`. */
  readonly profile?: ProfileName;
  readonly noise?: NoiseRequest;
}
