// sampling/guidance.json: guidance and its rescale on single outputs, and Euler loops with a scale per step.
import { guided, neededRoles, planSampling, weightedSum } from "@fewstep/core";
import type { GoldenCase, GoldenCheck } from "../golden-case.js";
import { checkValues, parseBound, type StoredBound } from "../stored-bound.js";
import { elementCount, networkOutput, sigmaNetworkOutput, startNoise } from "./networks.js";
import { recordRun } from "./recorded-run.js";

interface StoredCase {
  readonly id: string;
  readonly shape: readonly number[];
  readonly t: number;
  readonly scale: number;
  readonly phi: number;
  readonly x: readonly number[];
  readonly conditional: readonly number[];
  readonly unconditional: readonly number[];
  readonly mixed: readonly number[];
  readonly rescaled: readonly number[];
}

interface StoredLoop {
  readonly id: string;
  readonly sigmas: readonly number[];
  readonly calls: number;
  readonly steps: readonly {
    readonly scale: number;
    readonly calls: number;
    readonly denoised: readonly number[];
    readonly next: readonly number[];
  }[];
}

interface StoredFile {
  readonly bound: string;
  readonly phase?: number;
  readonly cases: readonly StoredCase[];
  readonly loops: readonly StoredLoop[];
}

export function* cases(file: unknown): Iterable<GoldenCase> {
  const { bound, phase = 0, cases: stored, loops } = file as StoredFile;
  for (const one of stored) yield { id: one.id, run: () => compareMixture(one, phase, parseBound(bound)) };
  for (const loop of loops) yield { id: `loop ${loop.id}`, run: () => compareLoop(loop, phase, parseBound(bound)) };
}

function compareMixture(one: StoredCase, phase: number, bound: StoredBound): readonly GoldenCheck[] {
  const x = startNoise(elementCount(one.shape), phase);
  const outputs = {
    conditional: networkOutput("epsilon", x, one.t, phase),
    unconditional: networkOutput("epsilon", x, one.t, phase + 0.9),
  };
  const mix = (rescale: number) => {
    const guidance = { scale: one.scale, rescale };
    return guided(
      neededRoles(guidance).map((role) => outputs[role]),
      guidance,
      one.shape[0]!,
    );
  };
  return [
    checkValues("x", x, one.x, bound),
    checkValues("conditional", outputs.conditional, one.conditional, bound),
    checkValues("unconditional", outputs.unconditional, one.unconditional, bound),
    checkValues("mixed", mix(0), one.mixed, bound),
    checkValues("rescaled", mix(one.phi), one.rescaled, bound),
  ];
}

async function compareLoop(loop: StoredLoop, phase: number, bound: StoredBound): Promise<readonly GoldenCheck[]> {
  const count = loop.steps[0]!.next.length;
  const plan = planSampling({ sigmas: loop.sigmas, guidance: loop.steps.map((step) => step.scale) });
  const run = await recordRun({
    plan,
    count,
    phase,
    start: weightedSum([loop.sigmas[0]!, startNoise(count, phase)]),
    network: (input, _timestep, sigma, own) => sigmaNetworkOutput(input, sigma, own),
  });
  return [
    checkValues("calls", [run.outputs], [loop.calls], bound),
    ...loop.steps.flatMap((step, i) => [
      checkValues(`${i}.scale`, [run.steps[i]!.row.guidance], [step.scale], bound),
      checkValues(
        `${i}.calls`,
        [neededRoles({ scale: run.steps[i]!.row.guidance, rescale: 0 }).length],
        [step.calls],
        bound,
      ),
      checkValues(`${i}.denoised`, run.steps[i]!.denoised, step.denoised, bound),
      checkValues(`${i}.next`, run.steps[i]!.latents, step.next, bound),
    ]),
  ];
}
