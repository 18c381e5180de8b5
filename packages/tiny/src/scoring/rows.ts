// One picture's scores as a line of CSV: what tables are computed from, and nothing else. Of the judge's features, which are many, a row
// keeps the picture's parts of the kernel distance and of the diversity (kernel-distance.ts).
import { FewstepError } from "@fewstep/core";

export interface ScoreRow {
  /** What made the picture, such as `base cfg3` or `lcm`. */
  readonly method: string;
  readonly steps: number;
  /** Calls of the UNet: two a step with guidance. */
  readonly calls: number;
  readonly prompt: number;
  readonly split: "seen" | "held-out";
  readonly seed: number;
  /** One sign an attribute, in the order of ATTRIBUTE_NAMES: `1` the judge read it as named, `0` otherwise, `-` the prompt does not name it. */
  readonly attributes: string;
  /** The same against the next prompt's attributes. */
  readonly shuffledNamed: number;
  readonly shuffledRight: number;
  readonly sharpness: number;
  /** Mean kernel between its features and those of the method's other pictures. */
  readonly withinMade: number;
  /** Mean kernel between its features and those of drawn pictures. */
  readonly toDrawn: number;
  /** Of the drawn picture of the prompt that it is paired with: mean kernel with the other drawn pictures, and with the method's. */
  readonly withinDrawn: number;
  readonly drawnToMade: number;
  /** Mean distance of its features from those of the prompt's other seeds. */
  readonly spread: number;
  readonly seconds: number;
}

const COLUMNS = [
  "method",
  "steps",
  "calls",
  "prompt",
  "split",
  "seed",
  "attributes",
  "shuffledNamed",
  "shuffledRight",
  "sharpness",
  "withinMade",
  "toDrawn",
  "withinDrawn",
  "drawnToMade",
  "spread",
  "seconds",
] as const satisfies readonly (keyof ScoreRow)[];

const TEXTS = new Set<keyof ScoreRow>(["method", "split", "attributes"]);

/** Digits that a number keeps: the distance, a difference of kernels of about 10, comes out to four decimals. */
const DIGITS = 6;

const cell = (value: string | number): string =>
  typeof value === "string" ? value : String(Number(value.toPrecision(DIGITS)));

/** Attributes that are named, and those read right; of one attribute, or of all. */
export function countsOf(
  { attributes }: Pick<ScoreRow, "attributes">,
  index?: number,
): { readonly named: number; readonly right: number } {
  const signs = index === undefined ? [...attributes] : [attributes[index]];
  return { named: signs.filter((sign) => sign !== "-").length, right: signs.filter((sign) => sign === "1").length };
}

export function rowsToCsv(rows: readonly ScoreRow[]): string {
  return [COLUMNS.join(","), ...rows.map((row) => COLUMNS.map((column) => cell(row[column])).join(","))]
    .join("\n")
    .concat("\n");
}

/** Throws `bad-score-rows`. */
export function rowsFromCsv(text: string): readonly ScoreRow[] {
  const [head, ...lines] = text.trimEnd().split("\n");
  if (head !== COLUMNS.join(",")) throw bad(`columns ${head?.slice(0, 80)}`);
  return lines.map((line, i) => {
    const cells = line.split(",");
    if (cells.length !== COLUMNS.length) throw bad(`line ${i + 2} has ${cells.length} cells`);
    const entries = COLUMNS.map((column, j) => [column, TEXTS.has(column) ? cells[j]! : Number(cells[j])] as const);
    if (entries.some(([, value]) => typeof value === "number" && !Number.isFinite(value))) throw bad(`line ${i + 2}`);
    return Object.fromEntries(entries) as unknown as ScoreRow;
  });
}

function bad(found: string): FewstepError {
  return new FewstepError({
    code: "bad-score-rows",
    message: "this is no table of scores",
    found,
    expected: COLUMNS.join(","),
  });
}
