// The public names of the sampling folder, for the package's index.

export { createDenoiser, type Denoise, type Predict, type PredictRequest } from "./denoiser.js";
export { type DiffusersSchedulerConfig, diffusersSchedulers, optionsOfDiffusersScheduler } from "./diffusers-config.js";
export { guidanceEmbedding } from "./guidance-embedding.js";
export { type ConditioningRole, type Guidance, guided, neededRoles } from "./guider.js";
export { noisedTo, stepsForStrength } from "./img2img.js";
export {
  type NamedSampling,
  type NamingTool,
  resolveSampler,
  resolveSchedule,
  samplerNameTable,
  scheduleNameTable,
} from "./names.js";
export { createBrownianTree } from "./noise/brownian-tree.js";
export { createDraw, type DrawOptions, pictureNoise, type RunDraw } from "./noise/draw.js";
export {
  type LatentSize,
  type NoiseRequest,
  type NoiseSource,
  type NoiseSourceName,
  type NoiseStream,
  noiseSources,
} from "./noise/noise-source.js";
export { createNumpyStream } from "./noise/numpy.js";
export { createNumpyDefaultStream } from "./noise/numpy-default.js";
export { createPhiloxStream, philoxBlock } from "./noise/philox.js";
export { createTorchCpuStream, type TorchPrecision } from "./noise/torch-cpu.js";
export {
  alphaOf as samplingAlpha,
  createNoiseSchedule,
  type NoiseSchedule,
  type NoiseScheduleOptions,
  nearestTimestep,
  sigmaAt,
  timestepAt,
  type ZeroTerminalSnr,
} from "./noise-schedule.js";
export { planSampling, wholeSchedule } from "./plan.js";
export {
  type ConsistencyBoundary,
  type Prediction,
  type PredictionType,
  scalings as samplingScalings,
} from "./prediction.js";
export { type ProfileName, profiles } from "./profiles.js";
export { type RampName, ramps, variancePreservingSigmas } from "./ramps.js";
export { type SampleOptions, type SampleStep, sample, startLatents } from "./sample.js";
export { samplerNames } from "./sampler-definitions.js";
export type { Churn, Restart, SamplerName, SamplerSettings } from "./sampler-settings.js";
export { lineTo as samplerLine } from "./samplers/first-order.js";
export type { Draw, Span as SamplingSpan } from "./samplers/step.js";
export type { SamplingOptions } from "./sampling-options.js";
export {
  type LatentUnits,
  type SamplingPlan,
  type SamplingRow,
  type SamplingStart,
  type Sigma,
  sigmaValue,
} from "./sampling-plan.js";
export { dropPenultimate, type Schedule, type ScheduleName, type ScheduleOptions, scheduleNames } from "./schedules.js";
export { splitAncestral } from "./split.js";
export { type Values, weightedSum } from "./values.js";
