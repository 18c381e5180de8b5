// The critic for those who train models: as a reward and as a feature network. Node only. Nothing here reaches the judge.
export type { ClassifierShape } from "../classifier/network.js";
export { classifierLayout } from "../classifier/network.js";
export { criticFeatures } from "./features.js";
export { criticFeedback, namesSomething } from "./feedback.js";
export { type OpenedCritic, openCritic, writeCritic } from "./open-critic.js";
