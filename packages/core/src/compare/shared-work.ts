// The order in which cells are computed, and what they share: texts encoded once, networks loaded once for each set of LoRAs (whatever their
// strengths), pictures that stand in several places made once. Pure; the sharing itself is sharing-runtime.ts.
import type { Cell, CellRun } from "./cell.js";
import { canonicalJson } from "./content-hash.js";

export interface WorkPlan {
  /** Each picture once, in the order in which least is loaded anew; references come before what is measured against them. */
  readonly cells: readonly PlannedCell[];
  readonly shared: readonly SharedWork[];
}

export type PlannedCell = Cell & { readonly run: CellRun };

export interface SharedWork {
  readonly what: "pictures" | "texts" | "text encoders" | "UNets" | "decoders";
  /** What one cell after the other, alone, would take. */
  readonly alone: number;
  readonly shared: number;
}

export function planWork(cells: readonly Cell[], done: ReadonlySet<string> = new Set()): WorkPlan {
  const places = cells.filter((cell): cell is PlannedCell => cell.run !== undefined && !done.has(cell.id));
  const unique = [...new Map(places.map((cell) => [cell.id, cell])).values()];
  const ordered = unique
    .map((cell) => ({ cell, key: orderKey(cell) }))
    .toSorted((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0))
    .map(({ cell }) => cell);
  const count = (keys: readonly string[]) => new Set(keys).size;
  return {
    cells: ordered,
    shared: [
      { what: "pictures", alone: places.length, shared: unique.length },
      {
        what: "texts",
        alone: unique.flatMap(textKeys).length,
        shared: count(unique.flatMap(textKeys)),
      },
      { what: "text encoders", alone: unique.length, shared: count(unique.map(({ run }) => run.model.hash)) },
      { what: "UNets", alone: unique.length, shared: count(unique.map(unetKey)) },
      { what: "decoders", alone: unique.length, shared: count(unique.map(sizeKey)) },
    ],
  };
}

/** Models and sizes are dearest to change, then sets of LoRAs; a reference stands before the rest of its kind. */
function orderKey(cell: PlannedCell): string {
  return [sizeKey(cell), cell.role === "reference" ? 0 : 1, unetKey(cell), cell.config].join("\n");
}

function sizeKey({ run: { model, request } }: PlannedCell): string {
  return [model.hash, request.width, request.height].join(" ");
}

function unetKey(cell: PlannedCell): string {
  return [sizeKey(cell), ...cell.run.adapters.map(({ hash }) => hash)].join(" ");
}

/** The prompt, and the negative prompt where guidance asks for it. */
function textKeys({ run: { model, request } }: PlannedCell): readonly string[] {
  const { prompt, prompt2, negative, negative2, clipSkip, grammar, guidance = 1 } = request;
  const key = (...texts: readonly (string | undefined)[]) =>
    canonicalJson([model.hash, clipSkip ?? 1, grammar ?? "", ...texts]);
  const guided = typeof guidance === "number" ? guidance !== 1 : guidance.some((scale) => scale !== 1);
  return [key(prompt, prompt2 ?? prompt), ...(guided ? [key(negative ?? "", negative2 ?? negative ?? "")] : [])];
}

/** "96 pictures need 12 texts encoded instead of 180 ..." */
export function sharedLines({ shared }: WorkPlan): readonly string[] {
  return shared
    .filter(({ alone, shared: once }) => once < alone)
    .map(({ what, alone, shared: once }) => `${what}: ${once} instead of ${alone}`);
}
