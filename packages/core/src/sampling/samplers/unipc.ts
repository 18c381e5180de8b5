// UniPC (Zhao et al. 2023), B(h) variants 1 and 2, orders 1 to 3: a predictor, and a corrector that redoes the previous step
// with the output just obtained. In ln sigma, combining denoised pictures or noises.

import type { SamplerSettings } from "../sampler-settings.js";
import { sigmaValue } from "../sampling-plan.js";
import { solveLinear } from "../solve-linear.js";
import { type Values, weightedSum } from "../values.js";
import type { PastStep, Step } from "./step.js";

export const unipcStep: Step = async ({ x, row, past, settings, denoise }) => {
  const denoised = await denoise(x, row);
  const here = { row, x, denoised };
  const corrected = (row.correctorOrder ?? 0) > 0 && past.length > 0 ? correct(settings, past, here) : x;
  return { denoised, x: predict(settings, [{ ...here, corrected }, ...past]), corrected };
};

function predict<V extends Values>(settings: SamplerSettings, points: readonly PastStep<V>[]): V {
  const { row } = points[0]!;
  const order = Math.min(row.order ?? 1, points.length);
  const { matrix, vector, advance } = createSystem(settings, points.slice(0, order), row.sigmaNext);
  // Order 2 takes 1/2, the limit for small h, instead of solving, as the paper and diffusers do.
  const rhos = order === 1 ? [] : order === 2 ? [0.5] : solveLinear(matrix(order - 1), vector(order - 1));
  return advance(rhos, points.slice(1));
}

function correct<V extends Values>(settings: SamplerSettings, past: readonly PastStep<V>[], here: PastStep<V>): V {
  const order = Math.min(here.row.correctorOrder ?? 1, past.length);
  const used = past.slice(0, order);
  const { matrix, vector, advance } = createSystem(settings, used, sigmaValue(here.row.sigma));
  const rhos = order === 1 ? [0.5] : solveLinear(matrix(order), vector(order));
  return advance(rhos, [...used.slice(1), here]);
}

/** The step from points[0] to the sigma `next`. */
function createSystem<V extends Values>(settings: SamplerSettings, points: readonly PastStep<V>[], next: number) {
  const byNoise = settings.combine === "noise";
  const origin = points[0]!;
  const sigma = sigmaValue(origin.row.sigma);
  const h = Math.log(sigma / next);
  const hh = byNoise ? h : -h;
  const base = settings.solver === "bh1" ? hh : Math.expm1(hh);
  // Where each point lies between this step's ends (0 and 1) in ln sigma; the arriving point is at 1.
  const positions = [...points.slice(1).map((point) => Math.log(sigma / sigmaValue(point.row.sigma)) / h), 1];
  return {
    matrix: (size: number) =>
      Array.from({ length: size }, (_, power) => positions.slice(0, size).map((position) => position ** power)),
    vector: (size: number) => {
      const values: number[] = [];
      let factorial = 1;
      let phi = Math.expm1(hh) / hh - 1;
      for (let i = 1; i <= size; i++) {
        values.push((phi * factorial) / base);
        factorial *= i + 1;
        phi = phi / hh - 1 / factorial;
      }
      return values;
    },
    /** First order, plus the differences of the others weighted by rhos. */
    advance: (rhos: readonly number[], others: readonly PastStep<V>[]): V => {
      const state = origin.corrected ?? origin.x;
      const current = combined(origin, byNoise);
      const scale = byNoise ? next : 1;
      const ratio = next / sigma;
      const first: readonly (readonly [number, V])[] = byNoise
        ? [
            [1, state],
            [next - sigma, current],
          ]
        : [
            [ratio, state],
            [1 - ratio, current],
          ];
      const corrections = rhos.flatMap((rho, i) => {
        const weight = (-scale * base * rho) / positions[i]!;
        return [[weight, combined(others[i]!, byNoise)] as const, [-weight, current] as const];
      });
      return weightedSum(...first, ...corrections);
    },
  };
}

/** What is combined: the denoised picture, or the noise it leaves in the state it was read at. */
function combined<V extends Values>(point: PastStep<V>, byNoise: boolean): V {
  if (!byNoise) return point.denoised;
  const sigma = sigmaValue(point.row.sigma);
  return weightedSum([1 / sigma, point.x], [-1 / sigma, point.denoised]);
}
