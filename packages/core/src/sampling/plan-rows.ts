// The rows of a plan: for each leg of the run its split, second point, order, draws and corrections.
import { FewstepError } from "../errors.js";
import { churnedSigma } from "./churn.js";
import { type Leg, legBuilders } from "./legs.js";
import { alphaOf } from "./noise-schedule.js";
import { scalings } from "./prediction.js";
import type { RowsRequest } from "./rows-request.js";
import type { SamplerSettings } from "./sampler-settings.js";
import { type Point, planSigma, type SamplingRow } from "./sampling-plan.js";
import { type Split, splitTrajectory, trajectoryTimestep } from "./split.js";

export function planRows(request: RowsRequest): readonly SamplingRow[] {
  const { definition } = request;
  const legs = legBuilders[definition.legs ?? "schedule"](request);
  refuseImpossible(request, legs);
  const guidance = guidanceList(request.options.guidance ?? 1, legs.length);
  const orders = legs.map((leg, made) => orderOf(request, leg, made));
  return legs.map((leg, i) => ({
    ...planStep(request, leg, legs[i + 1]),
    guidance: guidance[i]!,
    ...(orders[i] === undefined ? {} : { order: orders[i] }),
    ...(definition.corrects ? { correctorOrder: correctorOf(request.settings, orders, legs, i) } : {}),
  }));
}

function planStep(request: RowsRequest, leg: Leg, following: Leg | undefined): Omit<SamplingRow, "guidance"> {
  const { definition, profile, settings, noise, planned } = request;
  const churned = churnedSigma(settings, leg.sigma, planned.whole.timesteps.length);
  const early = churned !== undefined && profile.churn === "before";
  const sigma = early ? churned : leg.sigma;
  const shape = { sigma, next: leg.next, timestep: leg.timestep };
  const downTimestep = definition.trajectory
    ? trajectoryTimestep(following?.timestep ?? 0, settings.gamma ?? 0)
    : undefined;
  const split =
    downTimestep === undefined
      ? definition.split(shape, settings)
      : splitTrajectory(leg.next, noise.sigmas[downTimestep]!);
  const middle = definition.middle?.(shape, split, settings);
  const renoiseFrom = leg.renoiseFrom ?? (early ? leg.sigma : undefined);
  return {
    timestep: fedTimestep(request, early ? planned.habits.timesteps(noise, sigma) : leg.timestep, sigma),
    sigma: planSigma(sigma),
    sigmaNext: leg.next,
    sigmaDown: split.down,
    sigmaUp: split.up * (settings.noiseScale ?? 1),
    rescale: rescaleOf(leg, following),
    draws: drawsOf(request, leg, split, churned !== undefined, following === undefined),
    ...(middle === undefined ? {} : { middle: middlePoint(request, middle, following) }),
    ...(renoiseFrom === undefined ? {} : { renoiseFrom }),
    ...(churned === undefined || early ? {} : { churnedSigma: churned }),
    ...(downTimestep === undefined ? {} : { downTimestep }),
    ...(leg.transfer === undefined ? {} : { transfer: leg.transfer }),
  };
}

/** alpha(where the step arrived) / alpha(where the next one starts); climbs by fresh noise are not rescaled. */
function rescaleOf(leg: Leg, following: Leg | undefined): number {
  if (following === undefined || following.renoiseFrom !== undefined || following.sigma === leg.next) return 1;
  return alphaOf(leg.next) / alphaOf(following.sigma);
}

function drawsOf(
  { definition, profile, settings }: RowsRequest,
  leg: Leg,
  split: Split,
  churned: boolean,
  last: boolean,
) {
  const climbing = leg.renoiseFrom === undefined ? 0 : 1;
  if (definition.churns) return churned || profile.idleDraws === "churn" ? 1 : climbing;
  const usual = definition.draws(settings, leg) + climbing;
  if (leg.next > 0) return definition.trajectory && last && split.up === 0 ? 0 : usual;
  return definition.drawsOnLast && profile.idleDraws === "on-last" ? usual : climbing;
}

function middlePoint(request: RowsRequest, sigma: number, following: Leg | undefined): Point {
  const { definition, noise, profile, planned } = request;
  if (definition.middleAtNext && following?.sigma === sigma) {
    return { sigma, timestep: fedTimestep(request, following.timestep, sigma) };
  }
  const rule = profile.timesteps === undefined ? planned.fractional : planned.habits.timesteps;
  return { sigma, timestep: fedTimestep(request, rule(noise, sigma), sigma) };
}

function fedTimestep({ options }: RowsRequest, timestep: number, sigma: number): number {
  if (options.timestepInput === "quarter-log-sigma") return 0.25 * Math.log(sigma);
  return options.timestepShift === undefined ? timestep : Math.floor((timestep * options.timestepShift) / 1000);
}

function orderOf({ definition, settings, planned }: RowsRequest, leg: Leg, made: number): number | undefined {
  const { sigmas, timesteps } = planned.whole;
  return definition.order?.({
    step: leg.step,
    steps: timesteps.length,
    made,
    highest: settings.order ?? 1,
    endsAtZero: sigmas[sigmas.length - 1] === 0,
    lowerOrderFinal: settings.lowerOrderFinal ?? false,
    eulerAtFinal: settings.eulerAtFinal ?? false,
  });
}

/** The step before is corrected with its own order. */
function correctorOf(
  settings: SamplerSettings,
  orders: readonly (number | undefined)[],
  legs: readonly Leg[],
  i: number,
) {
  if (i === 0 || settings.uncorrectedRows?.includes(legs[i - 1]!.step)) return 0;
  return orders[i - 1] ?? 0;
}

function guidanceList(guidance: number | readonly number[], rows: number): readonly number[] {
  const list = typeof guidance === "number" ? new Array<number>(rows).fill(guidance) : guidance;
  if (list.length !== rows || list.some((scale) => !Number.isFinite(scale))) {
    throw new FewstepError({
      code: "bad-guidance",
      message: "the list of guidance scales does not fit the run",
      found: `[${list.join(", ")}]`,
      expected: `${rows} finite numbers, one per step`,
    });
  }
  return list;
}

/** At zero terminal SNR the first sigma is infinite, and what is drawn through it has no numbers. */
function requireNumbers(legs: readonly Leg[]): void {
  const broken = legs.find(({ sigma, next, timestep }) => !(sigma > 0 && next < Infinity && timestep >= 0));
  if (broken === undefined) return;
  throw new FewstepError({
    code: "schedule-not-finite",
    message: "this schedule cannot be computed from the model's first sigma",
    found: `sigma ${broken.sigma} to ${broken.next} at timestep ${broken.timestep}`,
    expected: "a schedule of timesteps where the first sigma is infinite: trailing, leading, linspace, lcm ...",
    hint: 'choose such a schedule, or leave zero terminal SNR: zeroTerminalSnr false (--no-zsnr), or a finite noise schedule ("capped")',
  });
}

function refuseImpossible({ definition, settings, prediction }: RowsRequest, legs: readonly Leg[]): void {
  requireNumbers(legs);
  const infinite = legs.find((leg) => leg.sigma === Infinity);
  if (infinite !== undefined) {
    scalings(prediction, Infinity, infinite.timestep);
    if (!definition.fromInfinity) {
      throw new FewstepError({
        code: "sampler-needs-finite-sigma",
        message: "this sampler cannot start at zero terminal SNR",
        found: "an infinite first sigma",
        hint: 'use ddim, lcm or tcd, or set zeroTerminalSnr to "capped"',
      });
    }
  }
  if (legs[legs.length - 1]!.next === 0 && definition.needsPositiveEnd?.(settings, legs.length)) {
    throw new FewstepError({
      code: "sampler-needs-positive-end",
      message: "with these settings the sampler has no last step to sigma 0",
      found: `solver ${settings.solver}, combining ${settings.combine}, lowerOrderFinal ${settings.lowerOrderFinal}`,
      expected: 'last: "sigma_min", or solver "bh2" with lowerOrderFinal',
    });
  }
}
