// Everything a finished (or half finished) comparison says, as one plain JSON value: what the HTML report shows, what --json prints, what the
// CSV is cut from. No pictures inside: they are found by a cell's id.
import type { FamilyId } from "../families/family.js";
import type { Cell, CellFinding, CellRole, CellSettings, Grid } from "./cell.js";
import { type CellResult, type Configuration, configurationsOf, labelsOf } from "./configuration.js";
import { type AdviceOutcome, guideAdvice } from "./guide-advice.js";
import { licenceLines, notTried } from "./not-tried.js";
import { pictureQuality } from "./quality.js";
import { type Goal, type RunRecommendation, recommendRun } from "./recommend-run.js";
import { type CellError, type CellTimings, pictureSeconds } from "./record.js";
import type { Failure } from "./scores/failures.js";
import { type ModelScoreName, modelScoreDefinitions } from "./scores/model-scores.js";
import { type ScoreName, type Scores, scoreDefinitions } from "./scores/scores.js";
import type { SharedWork } from "./shared-work.js";
import { type CellWords, cellWords } from "./words.js";

export interface ReportCell {
  readonly id: string;
  readonly role: CellRole;
  readonly status: "done" | "failed" | "empty" | "pending";
  /** What tells it from the other cells, but for prompt and seed. */
  readonly label: string;
  readonly settings: CellSettings;
  readonly config: string;
  readonly unit: string;
  readonly reference?: string;
  readonly preset?: NonNullable<Cell["preset"]>;
  /** Of failed and empty cells. */
  readonly reason?: CellError;
  readonly size?: { readonly width: number; readonly height: number };
  /** Steady seconds a picture. */
  readonly seconds?: number;
  readonly timings?: CellTimings;
  readonly calls: number;
  readonly peakBytes?: number;
  readonly scores: Scores;
  readonly quality?: number;
  readonly failures: readonly Failure[];
  readonly findings: readonly CellFinding[];
  readonly words?: CellWords;
}

export interface ReportScore {
  readonly name: ScoreName | ModelScoreName;
  readonly title: string;
  readonly unit: string;
  readonly better: "higher" | "lower" | "near-reference";
  readonly definition: string;
}

export interface Report {
  readonly format: 1;
  readonly title: string;
  /** Version that made it. */
  readonly version: string;
  /** CPU or device, threads. */
  readonly machine: string;
  readonly cells: readonly ReportCell[];
  readonly configurations: readonly Configuration[];
  readonly recommendations: readonly RunRecommendation[];
  readonly advice: readonly AdviceOutcome[];
  readonly notTried: readonly string[];
  readonly licences: readonly string[];
  readonly shared: readonly SharedWork[];
  readonly scores: readonly ReportScore[];
  readonly notes: readonly string[];
}

export interface ReportParts {
  readonly grid: Grid;
  /** By cell id. */
  readonly results: ReadonlyMap<string, Omit<CellResult, "cell">>;
  readonly diversities: ReadonlyMap<string, number>;
  readonly shared: readonly SharedWork[];
  readonly version: string;
  readonly machine: string;
  /** Beside the goals that are always answered. */
  readonly budget?: Goal;
}

export function buildReport(parts: ReportParts): Report {
  const { grid, results, diversities, shared, version, machine, budget } = parts;
  const all = grid.cells.map((cell): CellResult => ({ cell, ...results.get(cell.id) }));
  const byId = new Map(all.map((result) => [result.cell.id, result]));
  const configurations = configurationsOf(all, diversities);
  const isJudged = all.some(({ scored }) => scored?.scores.adherence !== undefined);
  const goals: readonly Goal[] = [
    { kind: "balanced" },
    { kind: "quality" },
    { kind: "fastest" },
    { kind: "closest" },
    ...(isJudged ? [{ kind: "adherence" } as const] : []),
    ...(budget === undefined ? [] : [budget]),
  ];
  const labels = cellLabels(grid.cells, configurations);
  const families = new Map<string, FamilyId>(
    grid.cells.flatMap(({ run }) => (run === undefined ? [] : [[run.model.name, run.model.family] as const])),
  );
  return {
    format: 1,
    title: grid.title,
    version,
    machine,
    cells: all.map((result) => reportCell(result, byId, labels.get(kindOf(result.cell))!)),
    configurations,
    recommendations: goals.map((goal) => recommendRun(configurations, goal)),
    advice: guideAdvice(configurations, families),
    notTried: notTried(grid.cells),
    licences: licenceLines(grid.cells),
    shared,
    scores: [
      ...modelScoreDefinitions.filter(({ name }) => all.some(({ scored }) => scored?.scores[name] !== undefined)),
      ...scoreDefinitions.map(({ name, title, unit, better, definition }) => ({
        name,
        title,
        unit,
        better,
        definition,
      })),
    ],
    notes: grid.notes,
  };
}

/** The guide's runs have a label each, though two may be one configuration. */
const kindOf = ({ role, config, preset }: Cell): string => [role, config, preset?.name, preset?.as].join(" ");

function cellLabels(cells: readonly Cell[], configurations: readonly Configuration[]): ReadonlyMap<string, string> {
  const kinds = [...new Map(cells.map((cell) => [kindOf(cell), cell])).values()];
  const candidates = kinds.filter(({ role }) => role === "candidate");
  const short = labelsOf(candidates);
  const named = candidates.map((cell, i) => {
    const known = cell.preset === undefined && configurations.find(({ id }) => id === cell.config);
    return [kindOf(cell), known ? known.label : short[i]!] as const;
  });
  const references = kinds.filter(({ role }) => role === "reference");
  const sizes = new Set(references.map(({ settings }) => settings.size)).size;
  return new Map([
    ...named,
    ...references.map((cell) => {
      const { model, steps, size } = cell.settings;
      return [kindOf(cell), `reference: ${model}, ${steps} steps${sizes > 1 ? `, ${size}` : ""}`] as const;
    }),
  ]);
}

function reportCell(
  { cell, record, scored }: CellResult,
  byId: ReadonlyMap<string, CellResult>,
  label: string,
): ReportCell {
  const { id, role, settings, config, unit, reference, preset, run, empty, calls, findings } = cell;
  const scores = scored?.scores ?? {};
  const failures = scored?.failures ?? record?.failures ?? [];
  const beside = reference === undefined ? undefined : byId.get(reference)?.scored?.scores;
  const quality = scored && pictureQuality(scores, beside, failures);
  const seconds = record && pictureSeconds(record);
  const reason: CellError | undefined =
    empty === undefined
      ? record?.error
      : { code: empty.code, message: empty.reason, ...(empty.hint === undefined ? {} : { hint: empty.hint }) };
  return {
    id,
    role,
    label,
    status: empty !== undefined ? "empty" : (record?.status ?? "pending"),
    settings,
    config,
    unit,
    calls,
    scores,
    failures,
    findings,
    ...(reference === undefined ? {} : { reference }),
    ...(preset === undefined ? {} : { preset }),
    ...(reason === undefined ? {} : { reason }),
    ...(record?.picture === undefined ? {} : { size: { width: record.picture.width, height: record.picture.height } }),
    ...(seconds === undefined ? {} : { seconds }),
    ...(record?.timings === undefined ? {} : { timings: record.timings }),
    ...(record?.peakBytes === undefined ? {} : { peakBytes: record.peakBytes }),
    ...(quality === undefined ? {} : { quality }),
    ...(run === undefined ? {} : { words: cellWords(settings, run) }),
  };
}
