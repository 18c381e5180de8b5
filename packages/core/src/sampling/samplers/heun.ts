// Heun's method (Karras et al. 2022, Algorithm 1): an Euler step, then the mean of the slopes at both ends.
import { sigmaValue } from "../sampling-plan.js";
import { weightedSum } from "../values.js";
import { lineTo } from "./first-order.js";
import type { Step } from "./step.js";

export const heunStep: Step = async ({ x, row, denoise }) => {
  const sigma = sigmaValue(row.sigma);
  const denoised = await denoise(x, row);
  const predicted = lineTo(x, denoised, sigma, row.sigmaDown);
  if (row.middle === undefined) return { denoised, x: predicted };
  const next = sigmaValue(row.middle.sigma);
  const second = await denoise(predicted, row.middle);
  const half = (row.sigmaDown - sigma) / 2;
  return {
    denoised: second,
    x: weightedSum([1 + half / sigma, x], [-half / sigma, denoised], [half / next, predicted], [-half / next, second]),
  };
};
