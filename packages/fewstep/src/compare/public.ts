// Comparisons as functions, for the package's index: the same as `fewstep compare`, with typed results.
export { type EmbeddedModel, embeddedModel } from "./embedded-model.js";
export { parseComparison, readComparisonFile } from "./read-comparison-file.js";
export {
  type ModelAdvice,
  type ModelRecommendation,
  type RecommendOptions,
  recommendModel,
} from "./recommend-model.js";
export { type ClientModule, clientModules } from "./report/client-modules.js";
export { type PictureFile, reportHtml } from "./report/report-html.js";
export {
  type ComparisonEvent,
  type ComparisonOptions,
  type ComparisonResult,
  reportOnly,
  runComparison,
} from "./run-comparison.js";
