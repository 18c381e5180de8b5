// DPM-Solver++(2S) (Lu et al. 2022b, Algorithm 1) with an ancestral split: half a step in ln sigma, then the whole step
// along the line of the second denoised picture.
import { sigmaValue } from "../sampling-plan.js";
import { lineTo, withNoise } from "./first-order.js";
import type { Step } from "./step.js";

export const dpmpp2sStep: Step = async ({ x, row, denoise, draw }) => {
  const sigma = sigmaValue(row.sigma);
  const first = await denoise(x, row);
  const denoised =
    row.middle === undefined ? first : await denoise(lineTo(x, first, sigma, sigmaValue(row.middle.sigma)), row.middle);
  const down = lineTo(x, denoised, sigma, row.sigmaDown);
  return { denoised, x: withNoise(down, row.sigmaUp, draw, sigma, row.sigmaNext) };
};
