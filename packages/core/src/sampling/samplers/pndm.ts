// PNDM (Liu et al. 2022): raw outputs of several rows are averaged first, then one DDIM transfer is made with the average.
// Which rows, from which state and between which sigmas, the plan's `transfer` says (pndm-rows.ts).
import { alphaOf } from "../noise-schedule.js";
import { scalings } from "../prediction.js";
import { sigmaValue } from "../sampling-plan.js";
import { scaled, weightedSum } from "../values.js";
import { lineTo } from "./first-order.js";
import type { Step } from "./step.js";

export const pndmStep: Step = async ({ x, row, past, prediction, denoise }) => {
  const points = [{ row, x, denoised: await denoise(x, row) }, ...past];
  const { from, weights, stateRowsBack } = row.transfer!;
  const outputs = weights.flatMap(([rowsBack, weight]) => {
    const point = points[rowsBack]!;
    const scale = scalings(prediction, sigmaValue(point.row.sigma), point.row.timestep);
    const share = weight / scale.output;
    return [[share, point.denoised] as const, [-share * scale.skip, point.x] as const];
  });
  const average = weightedSum(...outputs);
  const base = points[stateRowsBack]!;
  const state = scaled(base.x, alphaOf(sigmaValue(base.row.sigma)) / alphaOf(from));
  const scale = scalings(prediction, from, row.timestep);
  const denoised = weightedSum([scale.skip, state], [scale.output, average]);
  // Later rows read this row's raw output, so what it is remembered by stays that of the call.
  return { denoised: points[0]!.denoised, x: lineTo(state, denoised, from, row.sigmaNext) };
};
