// Everything that the rows of a plan are decided from.
import type { NoiseSchedule } from "./noise-schedule.js";
import type { PlannedSchedule } from "./plan-schedule.js";
import type { Prediction } from "./prediction.js";
import type { Profile } from "./profiles.js";
import type { SamplerDefinition } from "./sampler-definitions.js";
import type { SamplerSettings } from "./sampler-settings.js";
import type { SamplingOptions } from "./sampling-options.js";

export interface RowsRequest {
  readonly options: SamplingOptions;
  readonly definition: SamplerDefinition;
  readonly profile: Profile;
  readonly settings: SamplerSettings;
  readonly noise: NoiseSchedule;
  readonly planned: PlannedSchedule;
  readonly prediction: Prediction;
}
