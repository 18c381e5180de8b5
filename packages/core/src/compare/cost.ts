// How long a grid takes: seconds a network call and a decoding for each model and size, measured by a calibration or by earlier cells, and
// corrected by every cell that ends. Pure.
import type { Cell } from "./cell.js";
import { type CellRecord, median } from "./record.js";

export interface Rate {
  readonly call: number;
  readonly decode: number;
}

/** By model and size. */
export type Rates = ReadonlyMap<string, Rate>;

export interface CostEstimate {
  readonly seconds: number;
  readonly pictures: number;
  readonly calls: number;
  /** Cells whose rate was guessed from another size or model. */
  readonly guessed: number;
}

/** Weight of the newest cell: the machine's load changes, a single slow cell should not count much. */
const NEWEST = 0.3;

export function costKey({ run }: Pick<Cell, "run">): string {
  return `${run?.model.hash} ${run?.request.width}x${run?.request.height}`;
}

/** Undefined while no rate at all is known. */
export function estimateCost(cells: readonly Cell[], rates: Rates): CostEstimate | undefined {
  if (rates.size === 0 && cells.length > 0) return undefined;
  let [seconds, calls, guessed] = [0, 0, 0];
  for (const cell of cells) {
    const known = rates.get(costKey(cell));
    const { call, decode } = known ?? guess(cell, rates);
    seconds += call * cell.calls + decode;
    calls += cell.calls;
    guessed += known === undefined ? 1 : 0;
  }
  return { seconds, pictures: cells.length, calls, guessed };
}

/** From the nearest size that is known, the model's own if there is one: cost grows with the pixels (attention makes it grow faster). */
function guess(cell: Cell, rates: Rates): Rate {
  const pixels = (key: string) => {
    const [width, height] = key
      .slice(key.lastIndexOf(" ") + 1)
      .split("x")
      .map(Number);
    return width! * height!;
  };
  const wanted = pixels(costKey(cell));
  const own = [...rates].filter(([key]) => key.startsWith(`${cell.run?.model.hash} `));
  const apart = (key: string) => Math.abs(Math.log(pixels(key) / wanted));
  const [key, rate] = (own.length > 0 ? own : [...rates]).toSorted(([a], [b]) => apart(a) - apart(b))[0]!;
  const factor = wanted / pixels(key);
  return { call: rate.call * factor, decode: rate.decode * factor };
}

/** The rates, corrected by a cell that ended. */
export function observed(rates: Rates, cell: Cell, { timings, calls }: CellRecord): Rates {
  if (timings === undefined || timings.steps.length === 0 || calls === undefined) return rates;
  const key = costKey(cell);
  const now: Rate = { call: (median(timings.steps) * timings.steps.length) / calls, decode: timings.decode };
  const before = rates.get(key);
  const blend = (a: number, b: number) => a * (1 - NEWEST) + b * NEWEST;
  const rate =
    before === undefined ? now : { call: blend(before.call, now.call), decode: blend(before.decode, now.decode) };
  return new Map([...rates, [key, rate]]);
}
