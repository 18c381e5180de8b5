// DPM-Solver++(SDE), k-diffusion's stochastic two-call sampler: an ancestral step to a middle sigma with noise of its own,
// then the ancestral step of the whole interval with a mixture of both denoised pictures. Both draws are made even with eta 0.
import { sigmaValue } from "../sampling-plan.js";
import { splitAncestral } from "../split.js";
import { type Values, weightedSum } from "../values.js";
import { lineTo } from "./first-order.js";
import type { Draw, Step } from "./step.js";

export const dpmppSdeStep: Step = async ({ x, row, settings, denoise, draw }) => {
  const { eta = 1, ratio = 0.5, noiseScale = 1 } = settings;
  const sigma = sigmaValue(row.sigma);
  const first = await denoise(x, row);
  if (row.middle === undefined) return { denoised: first, x: lineTo(x, first, sigma, row.sigmaDown) };
  const middle = sigmaValue(row.middle.sigma);
  const split = splitAncestral(sigma, middle, eta);
  const halfway = drawn(lineTo(x, first, sigma, split.down), split.up * noiseScale, draw, sigma, middle);
  const second = await denoise(halfway, row.middle);
  const share = 1 / (2 * ratio);
  const mixed = weightedSum([1 - share, first], [share, second]);
  const down = lineTo(x, mixed, sigma, row.sigmaDown);
  return { denoised: second, x: drawn(down, row.sigmaUp, draw, sigma, row.sigmaNext) };
};

function drawn<V extends Values>(x: V, up: number, draw: Draw<V>, from: number, to: number): V {
  return weightedSum([1, x], [up, draw({ from, to })]);
}
