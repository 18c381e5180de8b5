// Public names of @fewstep/tiny that run anywhere. Drawing pixels needs Node: import "@fewstep/tiny/illustrator"; so do the model's files:
// import "@fewstep/tiny/model".
export * from "./illustrator/pure.js";
export {
  type StageCommand,
  stageArguments,
  stageCommand,
  stageFile,
  TRAINING_PLAN,
  type TrainingStage,
  type TrainVerb,
} from "./training-plan.js";
