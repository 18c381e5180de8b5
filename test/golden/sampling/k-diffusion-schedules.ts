// sampling/k-diffusion/schedules.json: the four curves of sigma and the ancestral split, as k-diffusion computes them.
import { type RampName, ramps, splitAncestral, variancePreservingSigmas } from "@fewstep/core";
import type { GoldenCase } from "../golden-case.js";
import { checkValues, parseBound } from "../stored-bound.js";

interface StoredArguments {
  readonly sigma_min: number;
  readonly sigma_max: number;
  readonly rho?: number;
  readonly beta_d: number;
  readonly beta_min: number;
  readonly eps_s: number;
}

interface StoredFile {
  readonly bound: string;
  readonly cases: readonly {
    readonly id: string;
    readonly function: string;
    readonly n: number;
    readonly args: StoredArguments;
    readonly sigmas: readonly number[];
  }[];
  readonly ancestral_steps: readonly {
    readonly sigma_from: number;
    readonly sigma_to: number;
    readonly eta: number;
    readonly down_up: readonly [number, number];
  }[];
}

const ramp =
  (name: RampName) =>
  (n: number, { sigma_min, sigma_max, rho }: StoredArguments) =>
    ramps[name](n, { min: sigma_min, max: sigma_max, ...(rho === undefined ? {} : { rho }) });

const functions: Readonly<Record<string, (n: number, args: StoredArguments) => readonly number[]>> = {
  karras: ramp("karras"),
  exponential: ramp("exponential"),
  polyexponential: ramp("polyexponential"),
  vp: (n, { beta_d, beta_min, eps_s }) => variancePreservingSigmas(n, beta_d, beta_min, eps_s),
};

export function* cases(file: unknown): Iterable<GoldenCase> {
  const { bound, cases: stored, ancestral_steps } = file as StoredFile;
  for (const { id, function: name, n, args, sigmas } of stored) {
    yield { id, run: () => [checkValues("sigmas", [...functions[name]!(n, args), 0], sigmas, parseBound(bound))] };
  }
  for (const { sigma_from, sigma_to, eta, down_up } of ancestral_steps) {
    const id = `ancestral/${sigma_from}-${sigma_to}/eta${eta}`;
    const { down, up } = splitAncestral(sigma_from, sigma_to, eta);
    yield { id, run: () => [checkValues("down and up", [down, up], down_up, parseBound(bound))] };
  }
}
