// sampling/diffusers/*.json: the real schedulers, call by call. Every stored number of a case is compared.
import {
  createNoiseSchedule,
  FewstepError,
  optionsOfDiffusersScheduler,
  planSampling,
  type SamplingOptions,
  samplerLine,
  samplingAlpha,
  timestepAt,
  weightedSum,
  wholeSchedule,
} from "@fewstep/core";
import type { GoldenCase, GoldenCheck } from "../golden-case.js";
import { checkThat, checkValues, parseBound, type StoredBound } from "../stored-bound.js";
import { elementCount, type NetworkKind, networkOutput, startNoise } from "./networks.js";
import { type RecordedRun, recordRun } from "./recorded-run.js";

type Stored = readonly (number | string)[];

interface StoredStep {
  readonly t: number;
  readonly s?: number;
  readonly s_in_double?: number;
  readonly input?: Stored;
  readonly output?: Stored;
  readonly noise?: readonly Stored[];
  readonly draws?: number;
  readonly x0?: Stored;
  readonly denoised?: Stored;
  readonly x_s?: Stored;
  readonly next: Stored;
}

interface StoredCase {
  readonly id: string;
  readonly kind: NetworkKind;
  readonly config: Readonly<Record<string, unknown>>;
  readonly set: {
    readonly num_inference_steps?: number;
    readonly timesteps?: readonly number[];
    readonly sigmas?: readonly number[];
    readonly original_inference_steps?: number;
    readonly strength?: number;
  };
  readonly step: {
    readonly eta?: number;
    readonly s_churn?: number;
    readonly s_tmin?: number;
    readonly s_tmax?: number;
    readonly s_noise?: number;
  };
  readonly timesteps: readonly number[];
  readonly timesteps_in_double?: readonly number[];
  readonly sigmas?: readonly number[];
  readonly orders?: readonly number[];
  readonly init_noise_sigma: number;
  readonly start: readonly number[];
  readonly steps: readonly StoredStep[];
}

interface StoredFile {
  readonly scheduler: string;
  readonly base_config: Readonly<Record<string, unknown>>;
  readonly shape: readonly number[];
  readonly phase: number;
  readonly bound: { readonly double: string };
  readonly cases: readonly StoredCase[];
}

/** How a scheduler lays out its sigmas: some repeat them for their second calls. */
const doubled = (sigmas: readonly number[], from: number, to: number) => [
  ...sigmas.slice(0, from),
  ...sigmas.slice(from, to).flatMap((sigma) => [sigma, sigma]),
  ...sigmas.slice(to),
];
const layouts: Readonly<Record<string, (sigmas: readonly number[]) => readonly number[]>> = {
  HeunDiscreteScheduler: (sigmas) => doubled(sigmas, 1, sigmas.length - 1),
  DPMSolverSDEScheduler: (sigmas) => doubled(sigmas, 1, sigmas.length - 1),
  KDPM2DiscreteScheduler: (sigmas) => [...doubled(sigmas, 1, sigmas.length), sigmas[sigmas.length - 1]!],
  KDPM2AncestralDiscreteScheduler: (sigmas) => [...doubled(sigmas, 1, sigmas.length), sigmas[sigmas.length - 1]!],
};

/** Cases by name that record a bug of the library. */
const EXCLUDED: ReadonlyMap<string, string> = new Map([
  [
    "LCMScheduler list/dmd2-strength0.5",
    "the library adds noise after its last step when a list is cut by strength: a bug not copied",
  ],
]);

export function* cases(file: unknown): Iterable<GoldenCase> {
  const stored = file as StoredFile;
  for (const one of stored.cases) {
    const skip = EXCLUDED.get(`${stored.scheduler} ${one.id}`);
    yield skip === undefined ? { id: one.id, run: () => runCase(stored, one) } : { id: one.id, skip };
  }
}

async function runCase(file: StoredFile, one: StoredCase): Promise<readonly GoldenCheck[]> {
  const options = optionsOf(file, one);
  const finite = one.steps.every((step) => step.next.every((value) => typeof value === "number"));
  if (finite) return compare(file, one, options, one.steps.length);
  // The library's last step is NaN or infinite. The plan must be refused; the steps before do not depend on where it ends.
  const refused = checkThat("refused", refuses(options));
  return [refused, ...(await compare(file, one, { ...options, last: "sigma_min" }, one.steps.length - 1))];
}

function refuses(options: SamplingOptions): boolean {
  try {
    planSampling(options);
    return false;
  } catch (error) {
    return error instanceof FewstepError && error.kind === "input";
  }
}

function optionsOf({ scheduler, base_config }: StoredFile, { kind, config, set, step }: StoredCase): SamplingOptions {
  const options = optionsOfDiffusersScheduler(scheduler, { prediction_type: kind, ...base_config, ...config });
  const { num_inference_steps: steps, timesteps, sigmas, original_inference_steps: origin, strength } = set;
  const schedule = typeof options.schedule === "object" ? options.schedule : { name: options.schedule! };
  const { s_churn, s_tmin, s_tmax, s_noise, eta } = step;
  return {
    ...options,
    ...(steps === undefined ? {} : { steps }),
    ...(timesteps === undefined ? {} : { timesteps }),
    ...(sigmas === undefined ? {} : { sigmas }),
    schedule: {
      ...schedule,
      ...(strength === undefined ? {} : { originStrength: strength }),
      ...(origin === undefined ? {} : scheduler === "TCDScheduler" ? { everyTimestep: true } : { originSteps: origin }),
    },
    settings: {
      ...options.settings,
      ...(eta === undefined ? {} : scheduler === "TCDScheduler" ? { gamma: eta } : { eta }),
      ...(s_noise === undefined ? {} : { noiseScale: s_noise }),
      ...(s_churn === undefined ? {} : { churn: { amount: s_churn, from: s_tmin ?? 0, to: s_tmax ?? Infinity } }),
    },
  };
}

async function compare(
  file: StoredFile,
  one: StoredCase,
  options: SamplingOptions,
  comparable: number,
): Promise<readonly GoldenCheck[]> {
  const bound = parseBound(file.bound.double);
  const count = elementCount(file.shape);
  const plan = planSampling(options);
  const start = weightedSum([plan.start.noise, startNoise(count, file.phase)]);
  const run = await recordRun({
    plan,
    count,
    phase: file.phase,
    start,
    network: (input, timestep, _sigma, phase) => networkOutput(one.kind, input, timestep, phase),
  });
  const checks = [
    checkValues("start", start, one.start, bound),
    checkValues("init_noise_sigma", [plan.start.noise], [one.init_noise_sigma], bound),
    checkValues(
      "timesteps",
      run.calls.map((call) => call.timestep),
      one.timesteps,
      bound,
    ),
    checkValues("calls", [run.calls.length], [one.steps.length], bound),
  ];
  const whole = wholeSchedule(options);
  if (one.sigmas !== undefined) {
    const layout = layouts[file.scheduler] ?? ((sigmas: readonly number[]) => sigmas);
    const end = comparable < one.steps.length ? -1 : undefined;
    checks.push(checkValues("sigmas", layout(whole.sigmas).slice(0, end), one.sigmas.slice(0, end), bound));
    if (end !== undefined) checks.push(checkValues("last sigma", [0], one.sigmas.slice(-1), bound));
  }
  if (one.orders !== undefined) {
    checks.push(
      checkValues(
        "orders",
        plan.rows.map((row) => row.order ?? 0),
        one.orders,
        bound,
      ),
    );
  }
  if (one.timesteps_in_double !== undefined) {
    const noise = createNoiseSchedule(options.noiseSchedule);
    const cut = whole.sigmas.slice(0, -1).map((sigma) => Math.floor(timestepAt(noise, sigma) + 1e-9));
    checks.push(checkValues("timesteps_in_double", cut, one.timesteps_in_double, bound));
  }
  for (const [i, step] of one.steps.entries()) {
    checks.push(...compareCall(run, i, step, bound, i < comparable));
    if (step.s_in_double !== undefined) {
      // The library takes this floor in float32 (that is `s`); in doubles it is another timestep now and then.
      const inDouble = Math.floor((1 - (one.step.eta ?? 0.3)) * (run.calls[i + 1]?.timestep ?? 0));
      checks.push(checkValues(`${i}.s_in_double`, [inDouble], [step.s_in_double], bound));
    }
  }
  return checks;
}

function compareCall(run: RecordedRun, i: number, step: StoredStep, bound: StoredBound, withNext: boolean) {
  const call = run.calls[i]!;
  const checks: GoldenCheck[] = [];
  const check = (name: string, actual: ArrayLike<number>, expected: ArrayLike<number | string> | undefined) => {
    if (expected !== undefined) checks.push(checkValues(`${i}.${name}`, actual, expected as ArrayLike<number>, bound));
  };
  check("t", [call.timestep], [step.t]);
  check("input", call.input, step.input);
  check("output", call.output, step.output);
  check("draws", [call.draws.length], [step.draws ?? step.noise?.length ?? 0]);
  for (const [k, noise] of (step.noise ?? []).entries()) check(`noise.${k}`, call.draws[k] ?? [], noise);
  // Where every call is a step, what the sampler itself says of the picture is compared, else the prediction of the call.
  const own = run.steps.length === run.calls.length ? run.steps[i]! : undefined;
  check("x0", own?.denoised ?? call.denoised, step.x0);
  check("denoised", own?.denoised ?? call.denoised, step.denoised);
  if (own !== undefined && (step.s !== undefined || step.x_s !== undefined)) {
    const { row, denoised } = own;
    check("s", [row.downTimestep ?? Number.NaN], step.s === undefined ? undefined : [step.s]);
    const x = weightedSum([1 / samplingAlpha(call.sigma), call.state]);
    const noised = samplerLine(x, denoised, call.sigma, row.sigmaDown);
    check("x_s", weightedSum([samplingAlpha(row.sigmaDown), noised]), step.x_s);
  }
  if (withNext) check("next", run.calls[i + 1]?.state ?? run.final, step.next);
  return checks;
}
