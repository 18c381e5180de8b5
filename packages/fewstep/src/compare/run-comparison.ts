// A comparison from its request to its folder: files opened, grid planned, what is missing computed, everything scored, the report written.
// Can be ended at any moment and goes on where it was. What is said meanwhile goes to the listener; nothing here prints.
import {
  buildReport,
  type CellRecord,
  type CompareGrid,
  type CompareRequest,
  type CostEstimate,
  estimateCost,
  type Goal,
  type GridFiles,
  type GuideRequest,
  interrupted,
  observed,
  type PlannedCell,
  planGrid,
  planGuide,
  planWork,
  type Report,
  type SharedWork,
  SharingRuntime,
} from "@fewstep/core";
import {
  type ChildRuntime,
  type ChildRuntimeOptions,
  childRuntime,
  type ModelFolders,
  readWildcards,
} from "@fewstep/core/node";
import { VERSION } from "../version.js";
import { calibrate } from "./calibrate.js";
import { type EmbeddedModel, embeddedComparison, embeddedGuide, embeddedModel } from "./embedded-model.js";
import { machineLine } from "./machine-line.js";
import { AdapterFits, type ComparisonFiles, openComparison } from "./open-comparison.js";
import { checkClip, openScorers } from "./open-scorers.js";
import { type RenderContext, renderCell } from "./render-cell.js";
import { type ScoredGrid, scoreCells } from "./score-cells.js";
import { CompareStore } from "./store.js";
import { readRates, writeRates } from "./stored-rates.js";
import { writeOutputs } from "./write-outputs.js";

export type ComparisonEvent =
  | { readonly kind: "note"; readonly text: string }
  | {
      readonly kind: "planned";
      readonly cells: number;
      readonly done: number;
      readonly shared: readonly SharedWork[];
      readonly cost?: CostEstimate;
    }
  | { readonly kind: "step"; readonly cell: PlannedCell; readonly index: number; readonly of: number }
  | {
      readonly kind: "cell";
      readonly record: CellRecord;
      readonly cell: PlannedCell;
      /** Pictures made so far, and to make in this run. */
      readonly made: number;
      readonly of: number;
      /** Seconds left, corrected by this cell. */
      readonly left: number | undefined;
    }
  | { readonly kind: "scoring"; readonly done: number; readonly of: number };

export interface ComparisonOptions extends ChildRuntimeOptions {
  /** `guide`: the guide's nine runs; else the axes of the request. Where no model is named: on the embedded model. */
  readonly request:
    | CompareRequest
    | ({ readonly guide: true } & GuideRequest & Pick<CompareRequest, "models" | "loras">);
  /** Folder of the comparison. */
  readonly out: string;
  /** Where models are found by name. */
  readonly folders: ModelFolders;
  readonly budget?: Goal;
  /** A CLIP checkpoint with a picture encoder, for CLIP scores. */
  readonly clip?: string;
  /** Default: the files of @fewstep/tiny. */
  readonly embedded?: EmbeddedModel;
  /** Plans and estimates, computes nothing. */
  readonly planOnly?: boolean;
  readonly signal: AbortSignal;
  readonly onEvent?: (event: ComparisonEvent) => void;
}

export interface ComparisonResult {
  readonly report: Report;
  /** Files written; none for a plan. */
  readonly files: readonly string[];
}

/** Sessions kept idle for files beyond this: activations of large models are gigabytes. */
const LARGE_MODEL_BYTES = 4e9;

/** @throws FewstepError the codes of openComparison, readWildcards, planGrid and CompareStore; `disk-full`, `interrupted` */
export async function runComparison(options: ComparisonOptions): Promise<ComparisonResult> {
  const { folders, signal, clip } = options;
  if (clip !== undefined) await checkClip(clip, signal);
  const request = await withModels(options);
  const files = await openComparison(request.models, request.loras ?? [], folders, signal);
  const wildcards = request.wildcards === undefined ? undefined : await readWildcards(request.wildcards, signal);
  const grid = planned(request, files, wildcards);
  const store = options.planOnly === true ? CompareStore.toRead(options.out) : await CompareStore.open(options.out);
  try {
    const wanted = new Set(grid.cells.map(({ id }) => id));
    const stored = [...(await store.readRecords())];
    // failed cells are tried again
    const before = new Map(stored.filter(([id, { status }]) => status === "done" && wanted.has(id)));
    const work = planWork(grid.cells, new Set(before.keys()));
    const runtime = childRuntime({
      ...(options.device === undefined ? {} : { device: options.device }),
      ...(options.threads === undefined ? {} : { threads: options.threads }),
    });
    if (!options.planOnly) await store.writeGrid(grid);
    for (const text of grid.notes) options.onEvent?.({ kind: "note", text });
    const records = await computed(work.cells, work.shared, before, { files, runtime, store, options, grid });
    return await finish(grid, records, store, machineLine(runtime), options);
  } finally {
    await store.close();
  }
}

/** Makes the report of a folder again, without models: after it was moved, with a newer fewstep, or to add scores of a network. */
export async function reportOnly(
  out: string,
  options: Pick<ComparisonOptions, "budget" | "clip" | "threads" | "signal" | "onEvent">,
): Promise<ComparisonResult> {
  if (options.clip !== undefined) await checkClip(options.clip, options.signal);
  const store = await CompareStore.open(out);
  try {
    const grid = await store.readGrid();
    const records = await store.readRecords();
    const [some] = records.values();
    const machine = some?.device === undefined ? "" : machineLine({ device: some.device, threads: some.threads ?? 1 });
    return await finish(grid, records, store, machine, { out, ...options });
  } finally {
    await store.close();
  }
}

async function withModels({ request, embedded }: ComparisonOptions): Promise<ComparisonOptions["request"]> {
  if (request.models.length > 0) return request;
  const own = embedded ?? (await embeddedModel());
  if (!("guide" in request)) return embeddedComparison(request, own);
  const { models: _none, loras: _unused, ...asked } = request;
  return { guide: true, ...embeddedGuide(asked, own) };
}

function planned(
  request: ComparisonOptions["request"],
  { models, loras }: ComparisonFiles,
  wildcards: GridFiles["wildcards"],
): CompareGrid {
  const files: GridFiles = {
    models: models.map(({ grid }) => grid),
    loras: loras.map(({ grid }) => grid),
    ...(wildcards && { wildcards }),
  };
  return "guide" in request ? planGuide(request, files) : planGrid(request, files);
}

interface ComputeContext {
  readonly files: ComparisonFiles;
  readonly runtime: ChildRuntime;
  readonly store: CompareStore;
  readonly options: ComparisonOptions;
  readonly grid: CompareGrid;
}

async function computed(
  cells: readonly PlannedCell[],
  shared: readonly SharedWork[],
  before: ReadonlyMap<string, CellRecord>,
  { files, runtime, store, options, grid }: ComputeContext,
): Promise<ReadonlyMap<string, CellRecord>> {
  const { signal, onEvent } = options;
  const records = new Map(before);
  const bytes = Math.max(
    ...files.models.map(({ checkpoint }) => checkpoint.files.reduce((sum, { blob }) => sum + blob.size, 0)),
  );
  const sharing = new SharingRuntime(runtime, bytes > LARGE_MODEL_BYTES ? { idle: 3 } : {});
  const context: RenderContext = { files, fits: new AdapterFits(files), runtime, shared: sharing, signal };
  try {
    let rates = knownRates(await readRates(runtime), grid, before);
    if (!options.planOnly && cells.length > 0) {
      rates = await calibrate(cells, rates, context, (text) => onEvent?.({ kind: "note", text }));
    }
    const cost = estimateCost(cells, rates);
    onEvent?.({ kind: "planned", cells: cells.length + before.size, done: before.size, shared, ...(cost && { cost }) });
    if (options.planOnly) return records;
    for (const [index, cell] of cells.entries()) {
      if (signal.aborted) throw interrupted();
      const onStep: RenderContext["onEvent"] = (event) => {
        if (event.kind === "step") onEvent?.({ kind: "step", cell, index: event.index, of: event.of });
      };
      const { record, png } = await renderCell(cell, { ...context, onEvent: onStep });
      records.set(cell.id, await store.writeCell(record, png));
      rates = observed(rates, cell, record);
      const left = estimateCost(cells.slice(index + 1), rates)?.seconds;
      onEvent?.({ kind: "cell", record, cell, made: index + 1, of: cells.length, left });
    }
    await writeRates(runtime, rates);
    return records;
  } finally {
    await sharing.dispose();
  }
}

/** What finished cells took is worth more than a calibration of another day. */
function knownRates(
  stored: Awaited<ReturnType<typeof readRates>>,
  { cells }: CompareGrid,
  before: ReadonlyMap<string, CellRecord>,
) {
  return cells.reduce((rates, cell) => {
    const record = before.get(cell.id);
    return record === undefined ? rates : observed(rates, cell, record);
  }, stored);
}

async function finish(
  grid: CompareGrid,
  records: ReadonlyMap<string, CellRecord>,
  store: CompareStore,
  machine: string,
  options: Omit<ComparisonOptions, "request" | "folders">,
): Promise<ComparisonResult> {
  const { out, budget, planOnly } = options;
  const { results, diversities } = await scored(grid, records, store, options);
  const { shared } = planWork(grid.cells);
  const report = buildReport({
    grid,
    results,
    diversities,
    shared,
    version: VERSION,
    machine,
    ...(budget === undefined ? {} : { budget }),
  });
  return { report, files: planOnly === true ? [] : await writeOutputs(report, records, store, out) };
}

async function scored(
  grid: CompareGrid,
  records: ReadonlyMap<string, CellRecord>,
  store: CompareStore,
  { clip, threads, signal, onEvent, planOnly, embedded }: Omit<ComparisonOptions, "request" | "folders">,
): Promise<ScoredGrid> {
  const onScored = (done: number, of: number) => onEvent?.({ kind: "scoring", done, of });
  if (planOnly === true) return scoreCells(grid, records, store, { write: false, signal, onScored });
  const own = embedded ?? (await embeddedModel());
  const scorers = await openScorers({
    models: new Set(grid.cells.flatMap(({ run }) => run?.model.hash ?? [])),
    signal,
    ...(own === undefined ? {} : { embedded: own }),
    ...(clip === undefined ? {} : { clip }),
    ...(threads === undefined ? {} : { threads }),
  });
  try {
    return await scoreCells(grid, records, store, { write: true, signal, scorers, onScored });
  } finally {
    for (const scorer of scorers) await scorer.dispose();
  }
}
