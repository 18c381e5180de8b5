// The public names of the accelerators folder, for the package's index.
export {
  type Accelerator,
  type AcceleratorForm,
  type AcceleratorId,
  type AcceleratorRanges,
  type AcceleratorSettings,
  type AcceleratorVariant,
  type Failure,
  hasFixedSteps,
  type Licence,
  type LoraShape,
  type PublishedAlternative,
  type PublishedFile,
  publishedSettings,
  type Range,
  variantId,
} from "./accelerator.js";
export { accelerators, acceleratorVariants } from "./accelerators.js";
export { type AppliedAccelerator, applyAccelerator, type GivenSettings } from "./apply.js";
export { adapterCoverage, type Coverage, type LayerKind } from "./coverage.js";
export { type AdapterNorms, adapterNorms, type BlockNorm } from "./delta-norms.js";
export { type ExplainedStep, type Explanation, explainRun } from "./explain.js";
export { explainSvg } from "./explain-svg.js";
export { explainText } from "./explain-text.js";
export { type AcceleratorFileFacts, acceleratorFileFacts, type LoraFacts } from "./file-facts.js";
export { type FitReport, fitReport, type TouchedLayers } from "./fit-report.js";
export { type FileHashes, hashFile } from "./hash-file.js";
export { type Finding, gravestFirst, lint, lintRules } from "./lint/lint.js";
export type { LintContext } from "./lint/lint-context.js";
export type { LintAccelerator, LintAdapter, LintBase, LintRun, LintStackEntry } from "./lint/lint-run.js";
export type { LintRule, Severity } from "./lint/rule.js";
export { baseImageReward, type Measurement, measurementSource, measurements } from "./measured.js";
export {
  type Preset,
  type PresetRun,
  presetAsPublished,
  presetNamed,
  presetRun,
  presets,
  samplingOfTool,
  type ToolSettings,
} from "./presets.js";
export {
  type AcceleratorCandidate,
  type AcceleratorRecognition,
  type Confidence,
  recogniseAccelerator,
  recognitionLine,
} from "./recognise.js";
export { type Recommendation, recommend, type Wish } from "./recommend.js";
export {
  acceleratorNames,
  type GivenFile,
  type ResolvedAccelerator,
  type ResolveOptions,
  resolveAccelerator,
} from "./resolve.js";
export {
  adviseStacking,
  type BlockLoad,
  type StackedAdapter,
  type StackingAdvice,
  type StackingLimits,
} from "./stacking.js";
