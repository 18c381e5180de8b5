// The legs of a run: from which sigma to which, at which timestep. Most samplers walk along their schedule;
// diffusers' DDIM strides past it, PNDM and restart take calls of their own.
import { FewstepError } from "../errors.js";
import { sigmaAt } from "./noise-schedule.js";
import { pndmCalls, pndmTimesteps } from "./pndm-rows.js";
import { restartLegs } from "./restart.js";
import type { RowsRequest } from "./rows-request.js";
import type { LegKind } from "./sampler-settings.js";
import type { SamplingRow } from "./sampling-plan.js";

export interface Leg {
  readonly timestep: number;
  readonly sigma: number;
  readonly next: number;
  /** Position in the whole schedule. */
  readonly step: number;
  /** Noise is added first, from this sigma up to the leg's. */
  readonly renoiseFrom?: number;
  readonly transfer?: NonNullable<SamplingRow["transfer"]>;
}

export const legBuilders: Readonly<Record<LegKind, (request: RowsRequest) => readonly Leg[]>> = {
  schedule: (request) => {
    const { whole, kept, stride } = request.planned;
    const skipped = whole.timesteps.length - kept.timesteps.length;
    const sigmaOf = sigmaLookup(request);
    return kept.timesteps.map((timestep, i) => ({
      timestep,
      sigma: kept.sigmas[i]!,
      next: stride === undefined ? kept.sigmas[i + 1]! : sigmaOf(timestep - stride),
      step: skipped + i,
    }));
  },
  pndm: (request) => {
    const { whole, kept } = request.planned;
    const rungeKutta = request.settings.rungeKutta ?? false;
    const stride = request.planned.stride ?? Math.floor(request.noise.sigmas.length / whole.timesteps.length);
    const skipped = whole.timesteps.length - kept.timesteps.length;
    if (rungeKutta && skipped > 0) {
      throw new FewstepError({
        code: "bad-setting",
        message: "pndm cannot begin in the middle with Runge-Kutta steps",
        hint: "leave rungeKutta out when a strength below 1 is used",
      });
    }
    const fed = pndmTimesteps(whole.timesteps, stride, rungeKutta).slice(skipped);
    return pndmCalls(fed, stride, rungeKutta, sigmaLookup(request)).map(({ sigmaNext, ...call }, i) => ({
      ...call,
      next: sigmaNext,
      step: skipped + i,
    }));
  },
  restart: ({ planned, settings, noise }) =>
    restartLegs(planned.kept.sigmas, settings.restarts).map((leg, step) => ({
      ...leg,
      step,
      timestep: planned.habits.timesteps(noise, leg.sigma),
    })),
};

/** sigma at a training timestep; below 0 it is where the run ends. */
function sigmaLookup({ noise, planned }: RowsRequest): (timestep: number) => number {
  const { sigmas } = planned.whole;
  return (timestep) =>
    timestep < 0 ? sigmas[sigmas.length - 1]! : sigmaAt(noise, timestep, planned.habits.interpolation);
}
