// DPM-Solver++ multistep, orders 1 to 3, deterministic (2M) or with noise (2M SDE, 3M SDE): Lu et al. 2022b and k-diffusion.
// One formula with h = ln(sigma / sigmaNext) and k = (1 + eta) h:
//   x <- (sigmaNext / sigma) e^(-eta h) x + (1 - e^-k) D + second + third + sigmaNext sqrt(1 - e^(-2 eta h)) noise
// The third order with noise is k-diffusion's; diffusers' own (order 3, sde) has one half of its last term with the other sign.
import { sigmaValue } from "../sampling-plan.js";
import { type Values, weightedSum } from "../values.js";
import { withNoise } from "./first-order.js";
import type { PastStep, Step } from "./step.js";

export const dpmppMultistepStep: Step = async ({ x, row, past, settings, denoise, draw }) => {
  const { eta = 0, noiseScale = 1, solver = "midpoint" } = settings;
  const sigma = sigmaValue(row.sigma);
  const denoised = await denoise(x, row);
  const ratio = row.sigmaNext / sigma;
  const h = -Math.log(ratio);
  const k = (1 + eta) * h;
  const terms: (readonly [number, typeof x])[] = [
    [ratio ** (1 + eta), x],
    [-Math.expm1(-k), denoised],
  ];
  const order = Math.min(row.order ?? 1, past.length + 1);
  if (order >= 2) {
    const slope = differences(denoised, sigma, past, h, order);
    const phi2 = Math.expm1(-k) / k + 1;
    terms.push([order === 2 && solver === "midpoint" ? -0.5 * Math.expm1(-k) : phi2, slope.first]);
    if (slope.second !== undefined) terms.push([-(phi2 / k - 0.5), slope.second]);
  }
  const up = row.sigmaNext * Math.sqrt(-Math.expm1(-2 * eta * h)) * noiseScale;
  return { denoised, x: withNoise(weightedSum(...terms), eta === 0 ? 0 : up, draw, sigma, row.sigmaNext) };
};

/** Divided differences of the denoised pictures over ln sigma, in units of this step's h. */
function differences<V extends Values>(
  denoised: V,
  sigma: number,
  past: readonly PastStep<V>[],
  h: number,
  order: number,
) {
  const one = past[0]!;
  const sigmaOne = sigmaValue(one.row.sigma);
  const r0 = Math.log(sigmaOne / sigma) / h;
  const recent = weightedSum([1 / r0, denoised], [-1 / r0, one.denoised]);
  if (order === 2) return { first: recent };
  const two = past[1]!;
  const r1 = Math.log(sigmaValue(two.row.sigma) / sigmaOne) / h;
  const older = weightedSum([1 / r1, one.denoised], [-1 / r1, two.denoised]);
  const weight = r0 / (r0 + r1);
  return {
    first: weightedSum([1 + weight, recent], [-weight, older]),
    second: weightedSum([1 / (r0 + r1), recent], [-1 / (r0 + r1), older]),
  };
}
