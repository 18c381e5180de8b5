// Comparisons as functions, for the package's index: the same as `fewstep compare`, with typed results.
export { parseComparison, readComparisonFile } from "./read-comparison-file.js";
export { type ClientModule, clientModules } from "./report/client-modules.js";
export { type PictureFile, reportHtml } from "./report/report-html.js";
export {
  type ComparisonEvent,
  type ComparisonOptions,
  type ComparisonResult,
  reportOnly,
  runComparison,
} from "./run-comparison.js";
