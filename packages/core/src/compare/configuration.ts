// Cells with their records and scores -> configurations: everything that was computed with one set of settings, over prompts and seeds.
import type { Cell, CellSettings } from "./cell.js";
import { pictureQuality } from "./quality.js";
import { type CellRecord, median, pictureSeconds } from "./record.js";
import type { PictureScores } from "./scores/scores.js";

export interface CellResult {
  readonly cell: Cell;
  readonly record?: CellRecord;
  readonly scored?: PictureScores;
}

/** A configuration's answer to one prompt and seed. */
export interface UnitResult {
  readonly unit: string;
  readonly cell: string;
  readonly seconds: number | undefined;
  /** 0 to 1, see quality.ts. */
  readonly quality: number | undefined;
  /** Perceptual distance to the reference. */
  readonly distance: number | undefined;
  /** Share of the prompt that the embedded model's judge reads. */
  readonly adherence: number | undefined;
  readonly failed: boolean;
}

export interface Configuration {
  readonly id: string;
  readonly label: string;
  readonly settings: Omit<CellSettings, "prompt" | "negative" | "seed">;
  readonly units: readonly UnitResult[];
  readonly seconds: number | undefined;
  readonly peakBytes: number | undefined;
  readonly failures: number;
  /** Mean over prompts of the diversity over seeds. */
  readonly diversity: number | undefined;
  readonly licence: Cell["licence"];
  readonly preset: Cell["preset"];
}

/** @param diversities by configuration, where at least two seeds are there */
export function configurationsOf(
  results: readonly CellResult[],
  diversities: ReadonlyMap<string, number> = new Map(),
): readonly Configuration[] {
  const byId = new Map(results.map((result) => [result.cell.id, result]));
  const groups = new Map<string, CellResult[]>();
  for (const result of results) {
    if (result.cell.role !== "candidate" || result.record === undefined) continue;
    const { config } = result.cell;
    groups.set(config, [...(groups.get(config) ?? []), result]);
  }
  const labels = labelsOf([...groups.values()].map((group) => ({ ...group[0]!.cell, ...presetOf(group) })));
  return [...groups].map(([id, group], i) => {
    // a picture that stands in several places counts once
    const places = [...new Map(group.map((result) => [result.cell.id, result])).values()];
    const units = places.map((result) => unitResult(result, byId));
    const { prompt: _prompt, negative: _negative, seed: _seed, ...settings } = group[0]!.cell.settings;
    const { licence } = group[0]!.cell;
    const seconds = units.flatMap((unit) => unit.seconds ?? []);
    const peaks = group.flatMap(({ record }) => record?.peakBytes ?? []);
    return {
      id,
      label: labels[i]!,
      settings,
      units,
      seconds: seconds.length === 0 ? undefined : median(seconds),
      peakBytes: peaks.length === 0 ? undefined : Math.max(...peaks),
      failures: units.filter(({ failed }) => failed).length,
      diversity: diversities.get(id),
      licence,
      preset: presetOf(group).preset,
    };
  });
}

/** All runs of a guide that are this configuration: "guide-6, guide-8". */
function presetOf(group: readonly CellResult[]): Pick<Cell, "preset"> {
  const presets = group.flatMap(({ cell }) => cell.preset ?? []);
  if (presets.length === 0) return {};
  return { preset: { name: [...new Set(presets.map(({ name }) => name))].join(", "), as: presets[0]!.as } };
}

function unitResult({ cell, record, scored }: CellResult, byId: ReadonlyMap<string, CellResult>): UnitResult {
  const reference = cell.reference === undefined ? undefined : byId.get(cell.reference)?.scored;
  const failures = scored?.failures ?? record?.failures ?? [];
  const broken = record?.status === "failed";
  return {
    unit: cell.pair ?? cell.unit,
    cell: cell.id,
    seconds: record === undefined ? undefined : pictureSeconds(record),
    quality: broken ? 0 : scored && pictureQuality(scored.scores, reference?.scores, failures),
    distance: scored?.scores.distance,
    adherence: scored?.scores.adherence,
    failed: broken || failures.length > 0,
  };
}

/** "run 3 as made", "runs 6, 8 as published". */
function presetLabel({ name, as }: NonNullable<Cell["preset"]>): string {
  const runs = name.replaceAll("guide-", "");
  return `${runs.includes(",") ? "runs" : "run"} ${runs} as ${as === "guide" ? "made" : "published"}`;
}

/** Short names: what all cells have in common is left out. */
export function labelsOf(cells: readonly Pick<Cell, "settings" | "preset">[]): readonly string[] {
  const parts = cells.map(({ settings: s, preset }) => ({
    preset: preset === undefined ? "" : presetLabel(preset),
    model: s.model,
    accelerator: s.accelerator === "none" ? "no accelerator" : s.accelerator,
    strength: s.accelerator === "none" ? "" : `strength ${s.strength}`,
    // an empty cell may leave them open
    steps: s.steps === 0 ? "" : `${s.steps} ${s.steps === 1 ? "step" : "steps"}`,
    cfg: `CFG ${s.cfg}`,
    sampler: s.sampler,
    schedule: s.schedule,
    size: s.size,
  }));
  const keys = Object.keys(parts[0] ?? {}) as (keyof (typeof parts)[number])[];
  const joined = (shown: typeof keys) =>
    parts.map((part) =>
      shown
        .map((key) => part[key])
        .filter((text) => text !== "")
        .join(", "),
    );
  // what follows from the parts before it is not said again: LCM's sampler where only LCM uses another
  let shown: typeof keys = ["preset", "accelerator", "steps"];
  for (const key of keys) {
    const more = keys.filter((one) => one === key || shown.includes(one));
    if (new Set(joined(more)).size > new Set(joined(shown)).size) shown = more;
  }
  return joined(shown);
}
