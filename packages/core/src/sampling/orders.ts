// Which order each step of a multistep sampler has. Orders rise from 1 as pictures accumulate and fall again at the end.
// The limit of 15 steps for lowering is diffusers'.

export interface OrderRequest {
  /** Position in the whole schedule, and its length. */
  readonly step: number;
  readonly steps: number;
  /** Steps already made in this run. */
  readonly made: number;
  readonly highest: number;
  readonly endsAtZero: boolean;
  readonly lowerOrderFinal: boolean;
  readonly eulerAtFinal: boolean;
}

const shortRun = 15;

/** DPM-Solver++ and DEIS multistep. */
export function multistepOrder(request: OrderRequest): number {
  const { step, steps, made, highest, endsAtZero, lowerOrderFinal, eulerAtFinal } = request;
  const lowers = lowerOrderFinal && steps < shortRun;
  if (step === steps - 1 && (lowers || eulerAtFinal || endsAtZero)) return 1;
  return Math.min(highest, made + 1, lowers && step === steps - 2 ? 2 : highest);
}

/** UniPC: the order never exceeds the number of steps left. */
export function unipcOrder({ step, steps, made, highest, lowerOrderFinal }: OrderRequest): number {
  return Math.min(highest, made + 1, lowerOrderFinal ? steps - step : highest);
}

/** DPM-Solver++ singlestep: blocks of 1, 2 .. highest; the rest of the run in shorter ones. */
export function singlestepOrders(
  steps: number,
  highest: number,
  lowerOrderFinal: boolean,
  endsAtZero: boolean,
): readonly number[] {
  const lowers = lowerOrderFinal || endsAtZero || steps % highest !== 0;
  const blocks = (count: number) => Array.from({ length: count }, () => ascending(highest)).flat();
  const orders = lowers
    ? [...blocks(Math.ceil(steps / highest) - 1), ...loweredEnd(steps, highest)]
    : blocks(steps / highest);
  return endsAtZero ? [...orders.slice(0, -1), 1] : orders;
}

/** What replaces the last block: it must end with a first-order step. */
function loweredEnd(steps: number, highest: number): readonly number[] {
  const rest = steps % highest;
  if (highest === 1) return [1];
  return rest === 0 ? [...ascending(highest - 1), 1] : ascending(rest);
}

function ascending(count: number): readonly number[] {
  return Array.from({ length: count }, (_, i) => i + 1);
}
