// DPM-Solver-2 (Lu et al. 2022) as Karras et al. use it: the slope at the geometric middle carries the whole step.
// With an ancestral split in the row it is dpm_2_ancestral.
import { sigmaValue } from "../sampling-plan.js";
import { weightedSum } from "../values.js";
import { lineTo, withNoise } from "./first-order.js";
import type { Step } from "./step.js";

export const dpm2Step: Step = async ({ x, row, denoise, draw }) => {
  const sigma = sigmaValue(row.sigma);
  const denoised = await denoise(x, row);
  if (row.middle === undefined) {
    return {
      denoised,
      x: withNoise(lineTo(x, denoised, sigma, row.sigmaDown), row.sigmaUp, draw, sigma, row.sigmaNext),
    };
  }
  const middle = sigmaValue(row.middle.sigma);
  const halfway = lineTo(x, denoised, sigma, middle);
  const second = await denoise(halfway, row.middle);
  const length = (row.sigmaDown - sigma) / middle;
  const down = weightedSum([1, x], [length, halfway], [-length, second]);
  return { denoised: second, x: withNoise(down, row.sigmaUp, draw, sigma, row.sigmaNext) };
};
