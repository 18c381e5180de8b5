// Scores of the pictures of a folder, each computed once for its reference and kept; what needs several pictures (diversity, duplicates) on top.
import {
  type CellRecord,
  type CellResult,
  type CompareCell,
  type CompareGrid,
  decodePng,
  diversity,
  duplicates,
  interrupted,
  type ModelScores,
  type PictureScorer,
  type PictureScores,
  type Pixels,
  SCORER_KINDS,
  scorePicture,
} from "@fewstep/core";
import type { CompareStore } from "./store.js";

export interface ScoredGrid {
  readonly results: ReadonlyMap<string, Omit<CellResult, "cell">>;
  /** By configuration: the mean over prompts. */
  readonly diversities: ReadonlyMap<string, number>;
}

export interface ScoringOptions {
  readonly write: boolean;
  readonly signal: AbortSignal;
  /** Networks that score, beside what is measured on pixels. Of those left out, scores that are stored are kept. */
  readonly scorers?: readonly PictureScorer[];
  readonly onScored?: (done: number, of: number) => void;
}

export async function scoreCells(
  grid: CompareGrid,
  records: ReadonlyMap<string, CellRecord>,
  store: CompareStore,
  options: ScoringOptions,
): Promise<ScoredGrid> {
  const { write, signal } = options;
  const results = new Map<string, { record: CellRecord; scored?: PictureScores }>();
  const pixelsOf = async (id: string | undefined): Promise<Pixels | undefined> => {
    const record = id === undefined ? undefined : records.get(id);
    const png = record && (await store.readPicture(record));
    return (
      png && decodePng(png, { signal }).then((picture) => ("pixels" in picture ? picture.pixels : picture) as Pixels)
    );
  };
  // of cells that follow one another many have the same reference
  let last: { readonly id: string; readonly pixels: Promise<Pixels | undefined> } | undefined;
  const reference = (id: string | undefined): Promise<Pixels | undefined> => {
    if (id === undefined) return Promise.resolve(undefined);
    if (last?.id !== id) last = { id, pixels: pixelsOf(id) };
    return last.pixels;
  };
  const diversities = new Map<string, number[]>();
  // one prompt of one configuration at a time: its pictures fit into memory together
  for (const group of groupsOf(grid.cells)) {
    const pictures: { readonly cell: CompareCell; readonly pixels: Pixels }[] = [];
    for (const cell of group) {
      if (signal.aborted) throw interrupted();
      const record = records.get(cell.id);
      if (record === undefined || results.has(cell.id)) continue;
      const pixels = record.status === "done" ? await pixelsOf(cell.id) : undefined;
      if (pixels === undefined) {
        results.set(cell.id, { record: record.status === "done" ? damaged(record) : record });
        continue;
      }
      pictures.push({ cell, pixels });
      const place = { cell, pixels, reference: () => reference(cell.reference) };
      const known = await store.readScores(cell.id, cell.reference ?? "");
      const own = known ?? withRecord(scorePicture(pixels, await place.reference()), record);
      if (known === undefined && write) await store.writeScores(cell.id, cell.reference ?? "", own);
      const read = own.failures.includes("non-finite") ? {} : await modelScores(place, store, options);
      results.set(cell.id, { record, scored: { ...own, scores: { ...own.scores, ...read } } });
      options.onScored?.(results.size, records.size);
    }
    for (const at of duplicates(pictures.map(({ pixels }) => pixels))) {
      const { id } = pictures[at]!.cell;
      const { record, scored } = results.get(id)!;
      results.set(id, { record, scored: { scores: scored!.scores, failures: [...scored!.failures, "duplicate"] } });
    }
    const apart = diversity(pictures.map(({ pixels }) => pixels));
    const { config } = group[0]!;
    if (apart !== undefined) diversities.set(config, [...(diversities.get(config) ?? []), apart]);
  }
  const means = [...diversities].map(
    ([config, values]) => [config, values.reduce((sum, value) => sum + value, 0) / values.length] as const,
  );
  return { results, diversities: new Map(means) };
}

interface ScoredPlace {
  readonly cell: CompareCell;
  readonly pixels: Pixels;
  readonly reference: () => Promise<Pixels | undefined>;
}

/** What networks say of a picture: known from before, or asked now where the network is there. */
async function modelScores(
  { cell, pixels, reference }: ScoredPlace,
  store: CompareStore,
  { write, signal, scorers = [] }: ScoringOptions,
): Promise<ModelScores> {
  let all: ModelScores = {};
  for (const kind of SCORER_KINDS) {
    const scorer = scorers.find((one) => one.kind === kind);
    const stored = await store.readModelScores(cell.id, kind);
    const isKnown =
      stored?.reference === (cell.reference ?? "") && (scorer ?? { id: stored.scorer }).id === stored.scorer;
    if (isKnown) {
      all = { ...all, ...stored.scores };
      continue;
    }
    if (scorer === undefined) continue;
    const beside = await reference();
    const { prompt } = cell.settings;
    const scores = await scorer.score(
      { pixels, prompt, ...(beside === undefined ? {} : { reference: beside }) },
      signal,
    );
    if (write) {
      await store.writeModelScores(cell.id, kind, { scorer: scorer.id, reference: cell.reference ?? "", scores });
    }
    all = { ...all, ...scores };
  }
  return all;
}

/** Cells of one configuration and prompt: they differ by seed alone. */
function groupsOf(cells: readonly CompareCell[]): readonly (readonly CompareCell[])[] {
  const groups = new Map<string, CompareCell[]>();
  for (const cell of cells) {
    const key = JSON.stringify([cell.role, cell.config, cell.settings.prompt, cell.settings.negative]);
    groups.set(key, [...(groups.get(key) ?? []), cell]);
  }
  return [...groups.values()];
}

/** A NaN is seen in the floats alone, when the cell was made. */
function withRecord(scored: PictureScores, { failures }: CellRecord): PictureScores {
  return failures.length === 0 ? scored : { scores: {}, failures };
}

function damaged(record: CellRecord): CellRecord {
  return {
    id: record.id,
    status: "failed",
    run: record.run,
    failures: [],
    error: {
      code: "picture-damaged",
      message: "the picture's file is missing or was changed",
      hint: "run the comparison again: it is computed anew",
    },
  };
}
