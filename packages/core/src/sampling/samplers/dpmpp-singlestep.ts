// DPM-Solver++ singlestep as diffusers spreads it over rows: a row of order 1 begins a block, rows of order 2 and 3 redo the
// block from its beginning with the pictures seen since. Lu et al. 2022b; h is measured from the block's first sigma.
import { sigmaValue } from "../sampling-plan.js";
import { weightedSum } from "../values.js";
import { withNoise } from "./first-order.js";
import type { Step } from "./step.js";

export const dpmppSinglestepStep: Step = async ({ x, row, past, settings, denoise, draw }) => {
  const { eta = 0, solver = "midpoint", noiseScale = 1 } = settings;
  const denoised = await denoise(x, row);
  const block = [{ row, x, denoised }, ...past].slice(0, Math.min(row.order ?? 1, past.length + 1)).reverse();
  const begin = block[0]!;
  const sigma = sigmaValue(begin.row.sigma);
  const ratio = row.sigmaNext / sigma;
  const h = -Math.log(ratio);
  const k = (1 + eta) * h;
  const terms: (readonly [number, typeof x])[] = [
    [ratio ** (1 + eta), begin.x],
    [-Math.expm1(-k), begin.denoised],
  ];
  const slopes = block.slice(1).map((point) => {
    const r = Math.log(sigma / sigmaValue(point.row.sigma)) / h;
    return { r, slope: weightedSum([1 / r, point.denoised], [-1 / r, begin.denoised]) };
  });
  const [near, far] = slopes;
  const phi2 = Math.expm1(-k) / k + 1;
  if (near !== undefined && far === undefined) {
    terms.push([solver === "midpoint" ? -0.5 * Math.expm1(-k) : phi2, near.slope]);
  } else if (near !== undefined && far !== undefined) {
    if (solver === "midpoint") terms.push([phi2, far.slope]);
    else {
      const gap = far.r - near.r;
      terms.push([(phi2 * far.r + 2 * (phi2 / k - 0.5)) / gap, near.slope]);
      terms.push([-(phi2 * near.r + 2 * (phi2 / k - 0.5)) / gap, far.slope]);
    }
  }
  const up = eta === 0 ? 0 : row.sigmaNext * Math.sqrt(-Math.expm1(-2 * eta * h)) * noiseScale;
  return { denoised, x: withNoise(weightedSum(...terms), up, draw, sigmaValue(row.sigma), row.sigmaNext) };
};
