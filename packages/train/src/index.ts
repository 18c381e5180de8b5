export { type CaptionOptions, variedCaption } from "./data/captions.js";
export { clipTokenise } from "./data/clip-tokenise.js";
export { type EncodedMeans, type EncodeMeansOptions, encodeMeans } from "./data/encode-means.js";
export { type EncodedPictures, type EncodeOptions, encodePictures } from "./data/encode-pictures.js";
export { type LatentSet, latentSet } from "./data/latent-set.js";
export { type Order, shuffledOrder } from "./data/order.js";
export { pictureFeed } from "./data/picture-feed.js";
export { inMemory, type KeyedPictures, type Picture, type PictureSource } from "./data/picture-source.js";
export { type TextTower, textStatesOf } from "./data/text-states.js";
export { expandTable, type Tokenise, type TokenRows, tokenRows, tokenRowsOf } from "./data/token-rows.js";
export { type PictureDecoder, pictureDecoder } from "./evaluation/decode-pictures.js";
export {
  type LatentSampler,
  latentSampler,
  type SampleRequest,
  type SamplerOptions,
  trailingTimesteps,
} from "./evaluation/sample-latents.js";
export { type LoraFileOptions, type LoraOrigin, loraMetadata, loraTensors } from "./export/lora-file.js";
export { readLora } from "./export/read-lora.js";
export { type SingleFileParts, singleFileTensors } from "./export/single-file.js";
export { f16Tensor } from "./export/tensors.js";
export { ONE_STEP_METADATA, unetFileTensors } from "./export/unet-file.js";
export { vaeFileTensors } from "./export/vae-file.js";
export { type FlatEntry, type FlatLayout, flatLayout, packFlat, unpackFlat, viewOf } from "./flat/layout.js";
export { addGradients, type GradientOptions, gradientName } from "./gradient/add-gradients.js";
export { checkpointCuts } from "./gradient/checkpoint-cuts.js";
export { isLoraModule, type LoraOptions, withLora } from "./lora.js";
export { columnFeed } from "./losses/columns.js";
export { type FrozenDecoder, type FrozenPart, frozenDecoder } from "./models/frozen-decoder.js";
export { initialWeights, type NetworkKind } from "./models/initial-weights.js";
export { includeNamed, type Network, unetNetwork } from "./models/network.js";
export { type LatentStatistics, latentStatistics, normalisedVae } from "./models/normalise-latents.js";
export { readBase } from "./models/read-base.js";
export { readVector } from "./models/read-vector.js";
export { sd15Unet, TINY, type TinyConfig, type UnetSizes } from "./models/tiny.js";
export { type LearningRate, learningRateAt } from "./optim/learning-rate.js";
export { type RandomStream, randomStream } from "./optim/random-stream.js";
export { evaluate } from "./program/evaluate.js";
export type { Program, StepRunner, Tensors } from "./program/program.js";
export { type ProgramCost, programCost } from "./program/program-cost.js";
export { FROZEN, type Source } from "./program/sources.js";
export { hyperFeed, type Trained, type TrainStepOptions, trainStep } from "./program/train-step.js";
export { type BaseModel, type BaseOptions, baseLayout, baseRecipe, baseWeights, TEXT, UNET } from "./recipes/base.js";
export { type BucketPart, bucketedRecipe } from "./recipes/bucketed.js";
export { type Conditioning, stateConditioning, timeFeed, tokenConditioning } from "./recipes/conditioning.js";
export { type Critic, encoderCritic, headsCritic } from "./recipes/critic.js";
export type { DistillBase, DistillOptions, ObjectiveOptions } from "./recipes/distillation.js";
export { type DmdOptions, dmdRecipe } from "./recipes/dmd.js";
export type { Feedback } from "./recipes/feedback.js";
export {
  HYPER_COLUMNS,
  HYPER_STAGES,
  type HyperOptions,
  hyperObjective,
  hyperRecipe,
  type Stage,
  segmentRow,
} from "./recipes/hyper.js";
export { LCM_COLUMNS, type LcmOptions, lcmObjective, lcmRecipe, lcmRow } from "./recipes/lcm.js";
export {
  type LightningLoss,
  type LightningOptions,
  lightningColumns,
  lightningObjective,
  lightningRecipe,
  lightningRow,
} from "./recipes/lightning.js";
export { type LightningOneStepOptions, lightningOneStepRecipe, oneStepLayout } from "./recipes/lightning-one-step.js";
export { type PictureCritic, type PictureNetwork, pictureCritic } from "./recipes/picture-critic.js";
export { type Iteration, initialState, type Metrics, type Recipe } from "./recipes/recipe.js";
export { type DistilledNetworks, distilledNetworks, LORA } from "./recipes/teacher.js";
export { type TurboOptions, turboLevels, turboRecipe } from "./recipes/turbo.js";
export { type VaeOptions, vaeLayout, vaeRecipe } from "./recipes/vae.js";
export {
  DECODER,
  START,
  type VaeDecoderOptions,
  vaeDecoderLayout,
  vaeDecoderRecipe,
  withDecoder,
} from "./recipes/vae-decoder.js";
export { type Checkpoint, checkpointBytes, readCheckpoint } from "./trainer/checkpoint.js";
export { type StopBound, stopWhen } from "./trainer/stop-when.js";
export type { LogLine, TrainStore } from "./trainer/store.js";
export { type TrainOptions, train } from "./trainer/train.js";
