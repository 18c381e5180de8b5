// DEIS multistep in ln rho (Zhang & Chen 2022): the noise as a polynomial in ln sigma, integrated over sigma, orders 1 to 3.
import { sigmaValue } from "../sampling-plan.js";
import { weightedSum } from "../values.js";
import type { Step } from "./step.js";

export const deisStep: Step = async ({ x, row, past, denoise }) => {
  const denoised = await denoise(x, row);
  const points = [{ row, x, denoised }, ...past].slice(0, row.order ?? 1);
  const sigmas = points.map((point) => sigmaValue(point.row.sigma));
  const logs = sigmas.map(Math.log);
  const terms = points.flatMap((point, j) => {
    const others = logs.filter((_, k) => k !== j);
    const scale = others.reduce((product, log) => product * (logs[j]! - log), 1);
    const weight = (antiderivative(row.sigmaNext, others) - antiderivative(sigmas[0]!, others)) / scale / sigmas[j]!;
    return [[weight, point.x] as const, [-weight, point.denoised] as const];
  });
  return { denoised, x: weightedSum([1, x], ...terms) };
};

/** Antiderivative in s of the product of (ln s - c) over the others (at most two). */
function antiderivative(s: number, others: readonly number[]): number {
  if (s === 0) return 0;
  const log = Math.log(s);
  const [b, c] = others;
  if (b === undefined) return s;
  if (c === undefined) return s * (log - 1 - b);
  return s * (log * log - (2 + b + c) * log + 2 + b + c + b * c);
}
