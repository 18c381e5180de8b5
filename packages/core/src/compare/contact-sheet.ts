// Contact sheets of a report: configurations down, prompts and seeds across, each page small enough to look at. Long prompts are wrapped;
// an empty place keeps its place.
import type { Pixels } from "../image/pixels.js";
import { resize } from "../image/resize.js";
import { composeSheet } from "../image/sheet.js";
import { labelsOf } from "./configuration.js";
import type { Report, ReportCell } from "./report-data.js";

export interface SheetPage {
  readonly title: string;
  /** Ids by place; undefined: no such cell. */
  readonly rows: readonly { readonly label: string; readonly cells: readonly (ReportCell | undefined)[] }[];
  readonly columns: readonly string[];
}

const MAX_COLUMNS = 8;
const MAX_ROWS = 12;
/** Longest side of a picture on a sheet. */
const SIDE = 256;

/** The places of all pages; no pixels yet. */
export function sheetPages(report: Report): readonly SheetPage[] {
  const shown = report.cells.filter(({ status }) => status !== "pending");
  const units = [...new Map(shown.map((cell) => [cell.unit, cell])).values()];
  const kinds = [...new Map(shown.map((cell) => [`${cell.role} ${cell.config}`, cell])).values()].toSorted(
    (a, b) => Number(b.role === "reference") - Number(a.role === "reference"),
  );
  const candidates = kinds.filter(({ role }) => role === "candidate");
  const labels = new Map(labelsOf(candidates).map((label, i) => [candidates[i]!, label]));
  const several = new Set(units.map(({ settings }) => settings.size)).size > 1;
  const pages: SheetPage[] = [];
  for (let top = 0; top < kinds.length; top += MAX_ROWS) {
    for (let left = 0; left < units.length; left += MAX_COLUMNS) {
      const across = units.slice(left, left + MAX_COLUMNS);
      pages.push({
        title: report.title,
        columns: across.map(
          ({ settings }) => `seed ${settings.seed}${several ? `, ${settings.size}` : ""}: ${settings.prompt}`,
        ),
        rows: kinds.slice(top, top + MAX_ROWS).map((kind) => ({
          label: labels.get(kind) ?? referenceLabel(kind),
          cells: across.map((unit) =>
            shown.find((one) => one.role === kind.role && one.config === kind.config && one.unit === unit.unit),
          ),
        })),
      });
    }
  }
  const numbered = pages.length > 1;
  return pages.map((page, i) => ({
    ...page,
    title: `${page.title}${numbered ? ` (${i + 1} of ${pages.length})` : ""}`,
  }));
}

/** One page drawn; undefined where none of its pictures is there. `picture`: the pixels of a finished cell. */
export async function drawSheet(
  page: SheetPage,
  picture: (cell: ReportCell) => Promise<Pixels | undefined>,
): Promise<Pixels | undefined> {
  const rows: (Pixels | undefined)[][] = [];
  for (const { cells } of page.rows) {
    const row: (Pixels | undefined)[] = [];
    for (const cell of cells) {
      const pixels = cell?.status === "done" ? await picture(cell) : undefined;
      row.push(pixels && shrunk(pixels));
    }
    rows.push(row);
  }
  if (rows.flat().every((pixels) => pixels === undefined)) return undefined;
  return composeSheet({
    title: page.title,
    columnLabels: page.columns,
    rowLabels: page.rows.map(({ label }) => label),
    rows,
  });
}

function referenceLabel({ settings }: ReportCell): string {
  return `reference: ${settings.model}, ${settings.steps} steps`;
}

function shrunk(pixels: Pixels): Pixels {
  const factor = SIDE / Math.max(pixels.width, pixels.height);
  if (factor >= 1) return pixels;
  return resize(
    pixels,
    Math.max(1, Math.round(pixels.width * factor)),
    Math.max(1, Math.round(pixels.height * factor)),
    "area",
  );
}
