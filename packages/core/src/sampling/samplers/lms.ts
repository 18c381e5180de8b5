// Linear multistep (Adams-Bashforth on uneven sigmas, up to order 4): the slopes' interpolating polynomial, integrated exactly.
import { sigmaValue } from "../sampling-plan.js";
import { weightedSum } from "../values.js";
import type { Step } from "./step.js";

export const lmsStep: Step = async ({ x, row, past, settings, denoise }) => {
  const denoised = await denoise(x, row);
  const points = [{ row, x, denoised }, ...past].slice(0, settings.order ?? 4);
  const sigmas = points.map((point) => sigmaValue(point.row.sigma));
  const terms = points.flatMap((point, j) => {
    const weight = basisIntegral(sigmas, j, row.sigmaNext) / sigmas[j]!;
    return [[weight, point.x] as const, [-weight, point.denoised] as const];
  });
  return { denoised, x: weightedSum([1, x], ...terms) };
};

/** Integral of the j-th Lagrange polynomial from sigmas[0] to `end`; two Gauss points are exact up to degree 3. */
function basisIntegral(sigmas: readonly number[], j: number, end: number): number {
  const middle = (sigmas[0]! + end) / 2;
  const half = (end - sigmas[0]!) / 2;
  const basis = (at: number) =>
    sigmas.reduce((product, sigma, k) => (k === j ? product : (product * (at - sigma)) / (sigmas[j]! - sigma)), 1);
  return half * (basis(middle - half / Math.sqrt(3)) + basis(middle + half / Math.sqrt(3)));
}
