// A quick measurement before the start: two steps and a decoding for each model and size nobody has timed yet, the second step counted. Its
// sessions stay loaded, so the first cell is no slower than the others.
import { type CellRecord, costKey, observed, type PlannedCell, type Rates } from "@fewstep/core";
import { type RenderContext, renderCell } from "./render-cell.js";

export async function calibrate(
  cells: readonly PlannedCell[],
  rates: Rates,
  context: RenderContext,
  note: (text: string) => void,
): Promise<Rates> {
  let known = rates;
  for (const cell of cells) {
    if (known.has(costKey(cell))) continue;
    note(`measuring ${cell.run.model.name} at ${cell.settings.size}`);
    const { record } = await renderCell(trial(cell), context);
    known = observed(known, cell, warm(record));
    // what cannot be computed at all is no reason to measure it again for every cell
    if (record.status === "failed") return known;
  }
  return known;
}

function trial(cell: PlannedCell): PlannedCell {
  const { seeds, width, height, prompt } = cell.run.request;
  const request = {
    prompt,
    ...(seeds === undefined ? {} : { seeds }),
    ...(width === undefined ? {} : { width }),
    ...(height === undefined ? {} : { height }),
    sampling: { steps: 2, sampler: "euler" as const },
  };
  return { ...cell, calls: 2, run: { ...cell.run, adapters: [], request } };
}

/** Without the first step. */
function warm(record: CellRecord): CellRecord {
  const { timings } = record;
  return timings === undefined
    ? record
    : { ...record, calls: 1, timings: { ...timings, steps: timings.steps.slice(1) } };
}
