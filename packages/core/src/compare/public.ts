// The public names of the compare folder, for the package's index.
export { pairedBootstrap } from "./bootstrap.js";
export type {
  Cell as CompareCell,
  CellFinding,
  CellRole,
  CellRun,
  CellSettings,
  EmptyReason,
  Grid as CompareGrid,
  UsedAdapter,
} from "./cell.js";
export {
  type AxisName,
  axisNames,
  type ComparedLora,
  type ComparedPrompt,
  type CompareRequest,
  MAX_CELLS,
  type ReferenceRequest,
} from "./compare-request.js";
export type { CellResult, Configuration, UnitResult } from "./configuration.js";
export { drawSheet, type SheetPage, sheetPages } from "./contact-sheet.js";
export { contentHash } from "./content-hash.js";
export { type CostEstimate, costKey, estimateCost, observed, type Rate, type Rates } from "./cost.js";
export { planGrid } from "./grid.js";
export type { GridFiles, GridLora, GridModel } from "./grid-files.js";
export type { AdviceOutcome } from "./guide-advice.js";
export { type GuideRequest, planGuide } from "./guide-grid.js";
export type { GuideStandIn } from "./guide-stand-in.js";
export type { JsonPath } from "./json-schema.js";
export { pathText, readCompareRequest } from "./read-request.js";
export { type Goal, type RankedConfiguration, type RunRecommendation, recommendRun } from "./recommend-run.js";
export { type CellError, type CellRecord, type CellTimings, pictureSeconds } from "./record.js";
export { reportCsv } from "./report-csv.js";
export { buildReport, type Report, type ReportCell, type ReportParts, type ReportScore } from "./report-data.js";
export { compareSchema } from "./request-schema.js";
export { ClipScorer } from "./scores/clip-scorer.js";
export { diversity } from "./scores/diversity.js";
export { duplicates, type Failure as PictureFailure } from "./scores/failures.js";
export {
  type ModelScoreDefinition,
  type ModelScoreName,
  type ModelScores,
  modelScoreDefinitions,
  type PictureScorer,
  SCORER_KINDS,
  type ScoredPicture,
  type ScorerKind,
} from "./scores/model-scores.js";
export {
  type PictureScores,
  type ScoreDefinition,
  type ScoreName,
  type Scores,
  scoreDefinitions,
  scorePicture,
} from "./scores/scores.js";
export { type PlannedCell, planWork, type SharedWork, sharedLines, type WorkPlan } from "./shared-work.js";
export { SharingRuntime } from "./sharing-runtime.js";
export { type CellWords, cellWords } from "./words.js";
