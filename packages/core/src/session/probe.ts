// Finds out what a device computes right: small graphs against loops over doubles. What is wrong and has another form is left out of the
// dialect (MultiHeadAttention answers errors of 0.01 to 0.3 on WebGPU devices with small subgroups); what has none is an error.
import { FewstepError } from "../errors.js";
import { compile } from "../graph/onnx/compile.js";
import type { Dialect } from "../graph/onnx/dialect.js";
import type { Tensor } from "../tensor/tensor.js";
import { type ProbeTrial, probeTrials } from "./probe-trials.js";

/** Loads a model, runs it once and lets it go, under the same placement rules as any other. */
export type TryModel = (
  model: Uint8Array,
  feeds: Readonly<Record<string, Tensor>>,
  signal?: AbortSignal,
) => Promise<Readonly<Record<string, Tensor>>>;

export interface ProbeCheck {
  /** Trial and output. */
  readonly name: string;
  /** Largest absolute difference, of values of about 1; undefined where the device refused. */
  readonly difference: number | undefined;
  readonly bound: number;
}

export interface ProbeReport {
  readonly dialect: Dialect;
  readonly checks: readonly ProbeCheck[];
}

/** f32 kernels stay within 1e-5, the wrong ones seen so far begin at 1e-2. */
const BOUND = 1e-3;

/** @throws FewstepError `device-wrong` where an operation without another form is wrong; what the runtime throws where it is refused */
export async function probe(attempt: TryModel, base: Dialect, signal?: AbortSignal): Promise<ProbeReport> {
  let dialect = base;
  const checks: ProbeCheck[] = [];
  for (const trial of probeTrials()) {
    const required = Object.keys(trial.offers).length === 0;
    const lateCasts = { ...trial.offers.lateCasts, ...dialect.lateCasts };
    const offered = { ...dialect, ...trial.offers, lateCasts };
    const own = await tried(attempt, trial, offered, required, signal);
    checks.push(...own);
    const wrong = own.filter(({ difference, bound }) => !(difference !== undefined && difference <= bound));
    if (wrong.length === 0) dialect = offered;
    else if (required) throw deviceWrong(wrong);
  }
  return { dialect, checks };
}

async function tried(
  attempt: TryModel,
  trial: ProbeTrial,
  dialect: Dialect,
  required: boolean,
  signal: AbortSignal | undefined,
): Promise<readonly ProbeCheck[]> {
  const { model } = compile(trial.graph, trial.weights, {
    dialect,
    casts: "late",
    locate: ({ name }) => ({ bytes: trial.stored.get(name)! }),
  });
  const named = (output: string) => `${trial.name}: ${output}`;
  try {
    const outputs = await attempt(model, trial.feeds, signal);
    return Object.entries(trial.expected).map(([output, expected]) => ({
      name: named(output),
      difference: largestDifference(outputs[output]?.data as Float32Array, expected),
      bound: BOUND,
    }));
  } catch (error) {
    if (required || signal?.aborted) throw error;
    return Object.keys(trial.expected).map((output) => ({ name: named(output), difference: undefined, bound: BOUND }));
  }
}

/** NaN where the answer is no number, or too short. */
function largestDifference(actual: Float32Array, expected: Float32Array): number {
  const differences = expected.map((value, i) => Math.abs(value - (actual[i] ?? Number.NaN)));
  return differences.reduce((a, b) => Math.max(a, b), 0);
}

function deviceWrong(wrong: readonly ProbeCheck[]): FewstepError {
  return new FewstepError({
    code: "device-wrong",
    kind: "failed",
    message: "the device computes wrong numbers",
    found: wrong.map(({ name, difference }) => `${name} is off by ${difference?.toExponential(1)}`).join(", "),
    expected: `differences up to ${BOUND}`,
    hint: "update the graphics driver, or use the CPU as device",
  });
}
