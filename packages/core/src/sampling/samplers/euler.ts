// Euler, with diffusers' churn: there the noise is added after the network was called, and the slope is that of the noised state.
// (k-diffusion's churn, noise before the call, is `renoiseFrom` in the row and needs nothing here.)
import { scalings } from "../prediction.js";
import { sigmaValue } from "../sampling-plan.js";
import { weightedSum } from "../values.js";
import { firstOrderStep, lineTo } from "./first-order.js";
import type { Step } from "./step.js";

export const eulerStep: Step = async (input) => {
  const { x, row, prediction, settings, denoise, draw } = input;
  const sigma = sigmaValue(row.sigma);
  const churned = row.churnedSigma;
  if (churned === undefined) return firstOrderStep(input);
  const raw = await denoise(x, row);
  const added = Math.sqrt(churned * churned - sigma * sigma) * (settings.noiseScale ?? 1);
  const from = weightedSum([1, x], [added, draw({ from: sigma, to: churned })]);
  // The same raw output, read at the noised state: epsilon at the churned sigma, v and sample at the row's.
  const before = scalings(prediction, sigma, row.timestep);
  const after = prediction.type === "epsilon" ? scalings(prediction, churned, row.timestep) : before;
  const outputRatio = after.output / before.output;
  const denoised = weightedSum([after.skip, from], [outputRatio, raw], [-outputRatio * before.skip, x]);
  return { denoised, x: lineTo(from, denoised, churned, row.sigmaDown) };
};
