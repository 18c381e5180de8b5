// Contact sheets: pictures in a grid with labels above the columns and beside the rows. Pure: the same input gives the same pixels on
// every platform. What the axes mean is the caller's matter.

import { FewstepError } from "../errors.js";
import { drawLines, measureLines, type Rgb, wrapText } from "./draw-text.js";
import { checkPictureSize } from "./picture-size.js";
import { checkPixels, emptyPixels, type Pixels } from "./pixels.js";

export type Sheet = {
  /** Rows of pictures; undefined leaves a place empty. Rows may differ in length, pictures in size: each is centred in its place. */
  readonly rows: readonly (readonly (Pixels | undefined)[])[];
  /** One a row, "" for none. Default: no labels. */
  readonly rowLabels?: readonly string[];
  readonly columnLabels?: readonly string[];
  /** Above everything. */
  readonly title?: string;
};

export type SheetStyle = {
  /** Pixels between places and around the sheet (default 8). */
  readonly gap?: number;
  /** Pixels a dot of the font (default 2: letters of 10 x 14 pixels). */
  readonly scale?: number;
  readonly background?: Rgb;
  readonly colour?: Rgb;
};

/** A row grows with its label: no name of models and settings is cut. */
const MAX_LINES = 40;

/** Row labels take at most this many columns of text. */
const ROW_LABEL_COLUMNS = 20;

/** Composes the sheet. Errors: `pixels-shape`, `sheet-empty`, `image-too-many-pixels`. */
export function composeSheet(
  { rows, rowLabels = [], columnLabels = [], title = "" }: Sheet,
  { gap = 8, scale = 2, background = [255, 255, 255], colour = [16, 16, 16] }: SheetStyle = {},
): Pixels {
  const pictures = rows.flat().filter((picture) => picture !== undefined);
  if (pictures.length === 0) {
    throw new FewstepError({ code: "sheet-empty", message: "a sheet needs a picture", found: "no pictures" });
  }
  pictures.forEach(checkPixels);
  const cell = {
    width: Math.max(...pictures.map(({ width }) => width)),
    height: Math.max(...pictures.map(({ height }) => height)),
  };
  const columns = Math.max(...rows.map((row) => row.length));
  const beside = labels(rowLabels, measureLines(["m".repeat(ROW_LABEL_COLUMNS)], scale).width, scale);
  const above = labels(columnLabels, cell.width, scale);
  const left = gap + (beside.width === 0 ? 0 : beside.width + gap);
  const width = left + columns * (cell.width + gap);
  const heading = title === "" ? [] : wrapText(title, width - 2 * gap, scale, MAX_LINES);
  const headingHeight = heading.length === 0 ? 0 : measureLines(heading, scale).height + gap;
  const top = gap + headingHeight + (above.height === 0 ? 0 : above.height + gap);
  const tall = rows.map((_, row) => Math.max(cell.height, measureLines(beside.lines[row] ?? [], scale).height));
  const tops = tall.map((_, row) => tall.slice(0, row).reduce((sum, one) => sum + one + gap, top));
  const height = tops.at(-1)! + tall.at(-1)! + gap;
  checkPictureSize({ width, height });
  const sheet = emptyPixels(width, height);
  for (let i = 0; i < sheet.data.length; i += 4) sheet.data.set([...background, 255], i);
  const ink = { scale, colour };
  drawLines(sheet, heading, { x: gap, y: gap, ...ink });
  above.lines.forEach((lines, column) => {
    drawLines(sheet, lines, { x: left + column * (cell.width + gap), y: gap + headingHeight, ...ink });
  });
  beside.lines.forEach((lines, row) => {
    drawLines(sheet, lines, { x: gap, y: tops[row]!, ...ink });
  });
  for (const [row, cells] of rows.entries()) {
    for (const [column, picture] of cells.entries()) {
      if (picture === undefined) continue;
      const x = left + column * (cell.width + gap) + ((cell.width - picture.width) >> 1);
      const y = tops[row]! + ((cell.height - picture.height) >> 1);
      place(sheet, picture, x, y);
    }
  }
  return sheet;
}

function labels(texts: readonly string[], width: number, scale: number) {
  const lines = texts.map((text) => (text === "" ? [] : wrapText(text, width, scale, MAX_LINES)));
  const sizes = lines.map((wrapped) => measureLines(wrapped, scale));
  return {
    lines,
    width: Math.max(0, ...sizes.map((size) => size.width)),
    height: Math.max(0, ...sizes.map((size) => size.height)),
  };
}

/** Lays a picture on the sheet; where it is transparent the background shows. */
function place(sheet: Pixels, picture: Pixels, left: number, top: number): void {
  for (let i = 0; i < picture.width * picture.height; i++) {
    const out = ((top + Math.floor(i / picture.width)) * sheet.width + left + (i % picture.width)) * 4;
    const alpha = picture.data[i * 4 + 3]! / 255;
    for (let c = 0; c < 3; c++) {
      sheet.data[out + c] = Math.round(picture.data[i * 4 + c]! * alpha + sheet.data[out + c]! * (1 - alpha));
    }
  }
}
