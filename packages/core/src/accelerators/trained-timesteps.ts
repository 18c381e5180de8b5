// The timesteps students are distilled at, for the data tables: evenly from the end (trailing), and LCM's fifty.
import { consistencyTimesteps, spacings } from "../sampling/spacing.js";

const trainTimesteps = 1000;

/** 999 ... in N equal steps: Lightning, Hyper, PCM, DMD2. */
export function trailingTimesteps(steps: number): readonly number[] {
  return spacings.trailing({ steps, trainTimesteps, grid: "rounded", stepsOffset: 0 });
}

/** 999, 979 ... 19: the skipping step of 20 that LCM and TCD are distilled with. */
export const consistencyGrid: readonly number[] = consistencyTimesteps({ steps: 50, trainTimesteps });
