// Runs a plan on a closed-form network and records what a library shows: each network call with its input, output and draws.
import {
  type Predict,
  type SampleStep,
  type SamplingPlan,
  type SamplingSpan,
  sample,
  samplingScalings,
  weightedSum,
} from "@fewstep/core";
import { noiseDraw } from "./networks.js";

export interface RecordedCall {
  readonly timestep: number;
  readonly sigma: number;
  readonly input: Float64Array;
  /** The state in the plan's units. */
  readonly state: Float64Array;
  readonly output: Float64Array;
  /** The plan's prediction applied to the call. */
  readonly denoised: Float64Array;
  readonly draws: readonly Float64Array[];
  readonly spans: readonly SamplingSpan[];
}

export interface RecordedRun {
  readonly calls: readonly RecordedCall[];
  readonly steps: readonly SampleStep<Float64Array>[];
  readonly final: Float64Array;
  readonly draws: readonly Float64Array[];
  readonly spans: readonly SamplingSpan[];
  /** Network outputs asked for, both of guidance counted. */
  readonly outputs: number;
}

export interface RunOptions {
  readonly plan: SamplingPlan;
  readonly count: number;
  readonly phase: number;
  readonly start?: Float64Array;
  readonly image?: Float64Array;
  readonly network: (input: Float64Array, timestep: number, sigma: number, phase: number) => Float64Array;
}

/** The phase of the network without the prompt. */
const unconditionalPhase = 0.9;

export async function recordRun(options: RunOptions): Promise<RecordedRun> {
  const { plan, count, phase, network } = options;
  const calls: (RecordedCall & { draws: Float64Array[]; spans: SamplingSpan[] })[] = [];
  const draws: Float64Array[] = [];
  const spans: SamplingSpan[] = [];
  let asked = 0;
  const predict: Predict<Float64Array> = async ({ input, timestep, sigma, roles }) => {
    const made = roles.map((role) =>
      network(input, timestep, sigma, role === "conditional" ? phase : phase + unconditionalPhase),
    );
    asked += made.length;
    const toState = plan.units === "sigma" ? Math.sqrt(1 + sigma * sigma) : 1;
    const scale = samplingScalings(plan.prediction, sigma, timestep);
    const x = weightedSum([1 / scale.input, input]);
    calls.push({
      timestep,
      sigma,
      input,
      state: weightedSum([toState, input]),
      output: made[0]!,
      denoised: weightedSum([scale.skip, x], [scale.output, made[0]!]),
      draws: [],
      spans: [],
    });
    return made;
  };
  const draw = (span: SamplingSpan) => {
    const noise = noiseDraw(count, draws.length, phase);
    draws.push(noise);
    spans.push(span);
    calls[calls.length - 1]?.draws.push(noise);
    calls[calls.length - 1]?.spans.push(span);
    return noise;
  };
  const steps: SampleStep<Float64Array>[] = [];
  const { start, image } = options;
  for await (const step of sample(plan, predict, { draw, start, image })) steps.push(step);
  return { calls, steps, final: steps[steps.length - 1]!.latents, draws, spans, outputs: asked };
}
