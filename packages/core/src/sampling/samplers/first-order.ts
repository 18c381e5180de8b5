// The one line behind Euler, Euler ancestral, DDIM, DDPM, LCM and TCD, in sigma coordinates:
//   x <- denoised + (sigmaDown / sigma) * (x - denoised) + sigmaUp * noise
// Which of them it is, the row's split has decided.
import { sigmaValue } from "../sampling-plan.js";
import { clamped, type Values, weightedSum } from "../values.js";
import type { Draw, Step } from "./step.js";

/** The deterministic part: from sigma down to `down` along the line through x and denoised. At infinite sigma x is x / sigma. */
export function lineTo<V extends Values>(x: V, denoised: V, sigma: number, down: number): V {
  if (sigma === Infinity) return weightedSum([1, denoised], [down, x]);
  const ratio = down / sigma;
  return weightedSum([1 - ratio, denoised], [ratio, x]);
}

/** x with fresh noise of deviation `up`; nothing is drawn for 0. */
export function withNoise<V extends Values>(x: V, up: number, draw: Draw<V>, from: number, to: number): V {
  return up === 0 ? x : weightedSum([1, x], [up, draw({ from, to })]);
}

export const firstOrderStep: Step = async ({ x, row, settings, denoise, draw }) => {
  const sigma = sigmaValue(row.sigma);
  const raw = await denoise(x, row);
  const denoised = settings.clip === undefined ? raw : clamped(raw, settings.clip);
  const down = lineTo(x, denoised, sigma, row.sigmaDown);
  return { denoised, x: withNoise(down, row.sigmaUp, draw, sigma, row.sigmaNext) };
};

/** DDIM as diffusers clips it: the picture is held in range, the noise direction is the network's own. */
export const ddimStep: Step = async (input) => {
  const { x, row, settings, denoise, draw } = input;
  if (settings.clip === undefined) return firstOrderStep(input);
  const sigma = sigmaValue(row.sigma);
  const raw = await denoise(x, row);
  const denoised = clamped(raw, settings.clip);
  const down = weightedSum([1, lineTo(x, raw, sigma, row.sigmaDown)], [1, denoised], [-1, raw]);
  return { denoised, x: withNoise(down, row.sigmaUp, draw, sigma, row.sigmaNext) };
};
