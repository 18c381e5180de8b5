// Which training timesteps N steps use, as diffusers words it: trailing, leading, linspace, and LCM's grid.
// Only timesteps: the sigmas belonging to them are looked up afterwards (schedules.ts).
import { FewstepError } from "../errors.js";
import { linspace, roundHalfEven } from "./linspace.js";

/**
 * How a sampler reads `linspace` and `leading` with N steps over T timesteps:
 * `points` N points with t = 0, fractions kept (Euler, Heun, LMS, KDPM2); `rounded` the same, rounded (DDIM, DDPM, PNDM);
 * `intervals` N + 1 points without t = 0, rounded (DPM-Solver, UniPC, DEIS).
 */
export type GridStyle = "points" | "rounded" | "intervals";

export interface SpacingOptions {
  readonly steps: number;
  readonly trainTimesteps: number;
  readonly grid: GridStyle;
  /** Added to every timestep of `leading`. */
  readonly stepsOffset: number;
}

export type SpacingName = "trailing" | "leading" | "linspace";

/** Descending timesteps of each spacing. */
export const spacings: Readonly<Record<SpacingName, (options: SpacingOptions) => readonly number[]>> = {
  // The interval is rounded as NumPy's arange does it; its occasional extra timestep of -1 (N = 61, 103, ...) is not copied.
  trailing: ({ steps, trainTimesteps }) => {
    const interval = trainTimesteps - (trainTimesteps - trainTimesteps / steps);
    return Array.from({ length: steps }, (_, i) => roundHalfEven(trainTimesteps - i * interval) - 1);
  },
  leading: ({ steps, trainTimesteps, grid, stepsOffset }) => {
    const open = grid === "intervals" ? 1 : 0;
    const stride = Math.floor(trainTimesteps / (steps + open));
    return Array.from({ length: steps }, (_, i) => (steps - 1 - i + open) * stride + stepsOffset);
  },
  linspace: ({ steps, trainTimesteps, grid }) => {
    const points = linspace(0, trainTimesteps - 1, grid === "intervals" ? steps + 1 : steps);
    const used = points.slice(-steps).reverse();
    return grid === "points" ? used : used.map(roundHalfEven);
  },
};

export interface ConsistencyGrid {
  readonly steps: number;
  readonly trainTimesteps: number;
  /** How many timesteps the model was distilled on; default 50, i.e. 19, 39 ... 999. */
  readonly originSteps?: number;
  /** Part of the origin that is kept, from its low end (LCM's own `strength`); default 1. */
  readonly originStrength?: number;
  /** Take every training timestep as origin (what TCD does when origin steps are given with the call). */
  readonly everyTimestep?: boolean;
}

/** LCM's and TCD's grid: N of the distilled timesteps, evenly by index from the top. */
export function consistencyTimesteps(grid: ConsistencyGrid): readonly number[] {
  const { steps, trainTimesteps, originSteps = 50, originStrength = 1, everyTimestep = false } = grid;
  const origin = everyTimestep
    ? Array.from({ length: Math.trunc(trainTimesteps * originStrength) }, (_, i) => i)
    : Array.from(
        { length: Math.trunc(originSteps * originStrength) },
        (_, i) => (i + 1) * Math.floor(trainTimesteps / originSteps) - 1,
      );
  if (steps > origin.length || originSteps > trainTimesteps) {
    throw new FewstepError({
      code: "too-many-steps",
      message: "the distilled grid is shorter than the number of steps",
      found: `${steps} steps, ${origin.length} distilled timesteps`,
      hint: "use fewer steps, or a higher strength",
    });
  }
  return linspace(0, origin.length, steps, false).map((index) => origin[origin.length - 1 - Math.floor(index)]!);
}
