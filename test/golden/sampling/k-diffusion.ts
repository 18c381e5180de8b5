// sampling/k-diffusion/<sampler>.json: the samplers on explicit lists of sigma, call by call.
import {
  planSampling,
  type SamplerName,
  type SamplerSettings,
  type SamplingOptions,
  samplerNames,
  weightedSum,
} from "@fewstep/core";
import type { GoldenCase, GoldenCheck } from "../golden-case.js";
import { checkThat, checkValues, parseBound } from "../stored-bound.js";
import { elementCount, sigmaNetworkOutput, startNoise } from "./networks.js";
import { recordRun } from "./recorded-run.js";

interface StoredArguments {
  readonly eta?: number;
  readonly s_noise?: number;
  readonly s_churn?: number;
  readonly s_tmin?: number;
  readonly s_tmax?: number;
  readonly r?: number;
  readonly solver_type?: "midpoint" | "heun";
  readonly order?: number;
}

interface StoredCase {
  readonly id: string;
  readonly sigmas: readonly number[];
  readonly args: StoredArguments;
  readonly error?: string;
  readonly calls?: readonly {
    readonly sigma: number;
    readonly x: readonly number[];
    readonly denoised?: readonly number[];
  }[];
  readonly draws?: number | readonly { readonly span: readonly number[]; readonly noise: readonly number[] }[];
  readonly unused_draws?: number;
  readonly final?: readonly number[];
}

interface StoredFile {
  readonly sampler: string;
  readonly shape: readonly number[];
  readonly phase: number;
  readonly bound: string;
  readonly cases: readonly StoredCase[];
}

export function* cases(file: unknown): Iterable<GoldenCase> {
  const stored = file as StoredFile;
  for (const one of stored.cases) yield { id: one.id, run: () => runCase(stored, one) };
}

async function runCase(file: StoredFile, one: StoredCase): Promise<readonly GoldenCheck[]> {
  const bound = parseBound(file.bound);
  const count = elementCount(file.shape);
  const plan = planSampling({
    sampler: samplerOf(file.sampler),
    sigmas: one.sigmas,
    settings: settingsOf(one.args),
    profile: "a1111",
  } satisfies SamplingOptions);
  const start = weightedSum([one.sigmas[0]!, startNoise(count, file.phase)]);
  const run = await recordRun({
    plan,
    count,
    phase: file.phase,
    start,
    network: (input, _timestep, sigma, phase) => sigmaNetworkOutput(input, sigma, phase),
  });
  const checks: GoldenCheck[] = [
    checkValues("start", weightedSum([plan.start.noise, startNoise(count, file.phase)]), start, bound),
  ];
  const check = (name: string, actual: ArrayLike<number>, expected: ArrayLike<number>) =>
    checks.push(checkValues(name, actual, expected, bound));
  if (one.error !== undefined) {
    // The library forgets to set a variable where there is a single step: no refusal, so ours must make the only step there is, straight to
    // the denoised picture.
    checks.push(checkThat("error", one.error === "UnboundLocalError"));
    check("one step", run.final, run.calls[0]!.denoised);
    return checks;
  }
  const calls = one.calls ?? [];
  check("calls", [run.calls.length], [calls.length]);
  calls.forEach((call, i) => {
    check(`${i}.sigma`, [run.calls[i]?.sigma ?? Number.NaN], [call.sigma]);
    check(`${i}.x`, run.calls[i]?.state ?? [], call.x);
    if (call.denoised !== undefined) check(`${i}.denoised`, run.calls[i]?.denoised ?? [], call.denoised);
  });
  const used = typeof one.draws === "number" ? one.draws : (one.draws?.length ?? 0);
  check("draws", [run.draws.length], [used + (one.unused_draws ?? 0)]);
  if (typeof one.draws === "object") {
    one.draws.forEach(({ span, noise }, k) => {
      check(`draw ${k}`, run.draws[k] ?? [], noise);
      if (span.length > 0) check(`span ${k}`, [run.spans[k]?.from ?? Number.NaN, run.spans[k]?.to ?? Number.NaN], span);
    });
  }
  check("final", run.final, one.final ?? []);
  return checks;
}

function samplerOf(name: string): SamplerName {
  const found = samplerNames.find((known) => known === name);
  if (found === undefined) throw new RangeError(`no sampler ${name}`);
  return found;
}

function settingsOf({
  eta,
  s_noise,
  s_churn,
  s_tmin,
  s_tmax,
  r,
  solver_type,
  order,
}: StoredArguments): SamplerSettings {
  return {
    ...(eta === undefined ? {} : { eta }),
    ...(s_noise === undefined ? {} : { noiseScale: s_noise }),
    ...(s_churn === undefined ? {} : { churn: { amount: s_churn, from: s_tmin ?? 0, to: s_tmax ?? Infinity } }),
    ...(r === undefined ? {} : { ratio: r }),
    ...(solver_type === undefined ? {} : { solver: solver_type }),
    ...(order === undefined ? {} : { order }),
  };
}
