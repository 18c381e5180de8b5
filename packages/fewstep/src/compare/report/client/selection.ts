// Which cells are shown, and in which order: pure, so that it can be tested without a page.
import type { ReportCell, ReportScore } from "@fewstep/core";

export interface Selection {
  /** Words that must all be in a cell's settings. */
  readonly text: string;
  /** Empty: any. */
  readonly model: string;
  readonly accelerator: string;
  readonly steps: string;
  readonly prompt: string;
  readonly seed: string;
  readonly show: "all" | "pictures" | "problems";
  /** "grid", "unit" (one prompt and seed after the other), "seconds", "quality", or a score's name. */
  readonly sort: string;
}

export const EVERYTHING: Selection = {
  text: "",
  model: "",
  accelerator: "",
  steps: "",
  prompt: "",
  seed: "",
  show: "all",
  sort: "grid",
};

export const FILTERS = ["model", "accelerator", "steps", "prompt", "seed"] as const;

export function selected(
  cells: readonly ReportCell[],
  selection: Selection,
  scores: readonly ReportScore[],
): readonly ReportCell[] {
  const words = selection.text
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== "");
  const kept = cells.filter((cell) => fits(cell, selection) && words.every((word) => textOf(cell).includes(word)));
  if (selection.sort === "grid") return kept;
  if (selection.sort === "unit")
    return [...new Set(kept.map(({ unit }) => unit))].flatMap((unit) => together(kept, unit));
  const falling =
    selection.sort === "quality" || scores.find(({ name }) => name === selection.sort)?.better === "higher";
  return kept
    .map((cell) => ({ cell, value: numberOf(cell, selection.sort) }))
    .sort((a, b) => compare(a.value, b.value, falling))
    .map(({ cell }) => cell);
}

/** What was made of one prompt and seed, the reference first. */
function together(cells: readonly ReportCell[], unit: string): readonly ReportCell[] {
  const all = cells.filter((cell) => cell.unit === unit);
  return [...all.filter(({ role }) => role === "reference"), ...all.filter(({ role }) => role !== "reference")];
}

function fits(cell: ReportCell, selection: Selection): boolean {
  const wrong = FILTERS.some((key) => selection[key] !== "" && String(cell.settings[key]) !== selection[key]);
  if (wrong) return false;
  switch (selection.show) {
    case "all":
      return true;
    case "pictures":
      return cell.status === "done";
    case "problems":
      return cell.status === "failed" || cell.status === "empty" || cell.failures.length + cell.findings.length > 0;
    default:
      return selection.show satisfies never;
  }
}

function textOf({ settings, preset, status, findings }: ReportCell): string {
  return [...Object.values(settings), preset?.name, preset?.as, status, ...findings.map(({ code }) => code)]
    .join(" ")
    .toLowerCase();
}

export function numberOf(cell: ReportCell, key: string): number | undefined {
  if (key === "seconds") return cell.seconds;
  if (key === "quality") return cell.quality;
  return cell.scores[key as keyof typeof cell.scores];
}

/** What was not measured comes last, whatever the direction. */
function compare(a: number | undefined, b: number | undefined, falling: boolean): number {
  if (a === undefined || b === undefined) return Number(a === undefined) - Number(b === undefined);
  return a === b ? 0 : (a < b ? -1 : 1) * (falling ? -1 : 1);
}

/** The values that occur, in the order of the grid. */
export function valuesOf(cells: readonly ReportCell[], key: (typeof FILTERS)[number]): readonly string[] {
  return [...new Set(cells.map(({ settings }) => String(settings[key])))];
}
