// Contact sheets of a report: configurations down, prompts and seeds across, each page small enough to look at. Columns name a prompt by its
// number; the prompts stand whole below the pictures. A place without a picture says why.
import { drawLines, measureLines, type Rgb, wrapText } from "../image/draw-text.js";
import { emptyPixels, type Pixels } from "../image/pixels.js";
import { resize } from "../image/resize.js";
import { composeSheet } from "../image/sheet.js";
import type { Report, ReportCell } from "./report-data.js";

export interface SheetPage {
  readonly title: string;
  /** Undefined: no such cell. */
  readonly rows: readonly { readonly label: string; readonly cells: readonly (ReportCell | undefined)[] }[];
  readonly columns: readonly string[];
  /** Prompts by number, whole. */
  readonly legend: readonly string[];
}

const MAX_COLUMNS = 8;
const MAX_ROWS = 12;
/** Longest side of a picture on a sheet; smaller ones keep their size. */
const SIDE = 256;
/** Narrower places would break their labels within words. */
const LEAST_SIDE = 144;
const SCALE = 2;
const MARGIN = 8;
/** A prompt of 20,000 letters, the longest that is read, takes these on the narrowest sheet. */
const MAX_LEGEND_LINES = 2_000;
const PAPER: Rgb = [255, 255, 255];
const INK: Rgb = [16, 16, 16];
const BLANK: Rgb = [236, 238, 241];

/** The places of all pages; no pixels yet. */
export function sheetPages(report: Report): readonly SheetPage[] {
  const shown = report.cells.filter(({ status }) => status !== "pending");
  const units = [...new Map(shown.map((cell) => [cell.unit, cell])).values()];
  const kinds = [...new Map(shown.map((cell) => [kindOf(cell), cell])).values()].toSorted(
    (a, b) => Number(b.role === "reference") - Number(a.role === "reference"),
  );
  const prompts = [...new Set(units.map(({ settings }) => settings.prompt))];
  const places = new Map(shown.map((cell) => [`${kindOf(cell)} ${cell.unit}`, cell]));
  const pages: SheetPage[] = [];
  for (let top = 0; top < kinds.length; top += MAX_ROWS) {
    for (let left = 0; left < units.length; left += MAX_COLUMNS) {
      const across = units.slice(left, left + MAX_COLUMNS);
      const numbers = [...new Set(across.map(({ settings }) => prompts.indexOf(settings.prompt)))];
      pages.push({
        title: report.title,
        columns: across.map(({ settings: { prompt, seed } }) => `P${prompts.indexOf(prompt) + 1} seed ${seed}`),
        rows: kinds.slice(top, top + MAX_ROWS).map((kind) => ({
          label: kind.label,
          cells: across.map(({ unit }) => places.get(`${kindOf(kind)} ${unit}`)),
        })),
        legend: numbers.map((number) => `P${number + 1}: ${prompts[number]}`),
      });
    }
  }
  return pages.map((page, i) =>
    pages.length === 1 ? page : { ...page, title: `${page.title} (${i + 1} of ${pages.length})` },
  );
}

/** What a row holds; the guide's runs have a row each, though two may be one configuration. */
function kindOf({ role, config, preset }: ReportCell): string {
  return [role, config, preset?.name, preset?.as].join(" ");
}

/** One page drawn; undefined where none of its pictures is there. `picture`: the pixels of a finished cell. */
export async function drawSheet(
  page: SheetPage,
  picture: (cell: ReportCell) => Promise<Pixels | undefined>,
): Promise<Pixels | undefined> {
  const rows: (Pixels | undefined)[][] = [];
  let pictures = 0;
  for (const { cells } of page.rows) {
    const row: (Pixels | undefined)[] = [];
    for (const cell of cells) {
      const pixels = cell?.status === "done" ? await picture(cell) : undefined;
      pictures += pixels === undefined ? 0 : 1;
      row.push(pixels === undefined ? cell && blank(cell) : shrunk(pixels));
    }
    rows.push(row);
  }
  if (pictures === 0) return undefined;
  const grid = composeSheet({
    title: page.title,
    columnLabels: page.columns,
    rowLabels: page.rows.map(({ label }) => label),
    rows,
  });
  return withLegend(grid, page.legend);
}

function shrunk(pixels: Pixels): Pixels {
  const factor = SIDE / Math.max(pixels.width, pixels.height);
  if (factor >= 1) return pixels;
  const side = (length: number) => Math.max(1, Math.round(length * factor));
  return resize(pixels, side(pixels.width), side(pixels.height), "area");
}

/** In the place of a picture: why there is none. */
function blank({ status, reason, settings }: ReportCell): Pixels {
  const [width, height] = settings.size.split("x").map(Number) as [number, number];
  const factor = Math.min(1, SIDE / Math.max(width, height));
  const side = (length: number) => Math.max(LEAST_SIDE, Math.round(length * factor));
  const tile = filled(side(width), side(height), BLANK);
  const { height: line } = measureLines(["m"], 1);
  const lines = Math.floor((tile.height - 2 * MARGIN) / line);
  const text = wrapText(`${status}: ${reason?.message ?? "the picture is missing"}`, tile.width - 2 * MARGIN, 1, lines);
  drawLines(tile, text, { x: MARGIN, y: MARGIN, scale: 1, colour: INK });
  return tile;
}

/** The sheet with lines of text below it, wrapped to its width. */
function withLegend(sheet: Pixels, legend: readonly string[]): Pixels {
  const lines = legend.flatMap((text) => wrapText(text, sheet.width - 2 * MARGIN, SCALE, MAX_LEGEND_LINES));
  const whole = filled(sheet.width, sheet.height + measureLines(lines, SCALE).height + 2 * MARGIN, PAPER);
  whole.data.set(sheet.data);
  drawLines(whole, lines, { x: MARGIN, y: sheet.height + MARGIN, scale: SCALE, colour: INK });
  return whole;
}

function filled(width: number, height: number, colour: Rgb): Pixels {
  const pixels = emptyPixels(width, height);
  for (let i = 0; i < pixels.data.length; i += 4) pixels.data.set([...colour, 255], i);
  return pixels;
}
