// Runs a plan: an async generator that yields after every row, so progress, previews and stopping cost nothing.
// Inside, the state is in sigma coordinates; what goes in and comes out is in the plan's units (what the imitated library shows).
import { createDenoiser, type Predict } from "./denoiser.js";
import { alphaOf } from "./noise-schedule.js";
import { samplerDefinitions } from "./sampler-definitions.js";
import type { Draw, PastStep } from "./samplers/step.js";
import { type SamplingPlan, type SamplingRow, sigmaValue } from "./sampling-plan.js";
import { scaled, type Values, weightedSum } from "./values.js";

export interface SampleOptions<V extends Values> {
  /** Fresh normal noise for the whole batch; also makes the start where `start` is not given. */
  readonly draw: Draw<V>;
  /** First latents, in the plan's units. Default: noise alone, or `image` noised. */
  readonly start?: V | undefined;
  /** Latents of a picture to start from (plan with a strength). */
  readonly image?: V | undefined;
  /** Pictures in the batch, for guidance rescale; default 1. */
  readonly images?: number | undefined;
  /** Replaces the latents after a row, in the plan's units: four-channel inpainting blends the original back here. */
  readonly afterStep?: ((latents: V, following: SamplingRow | undefined) => V | Promise<V>) | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface SampleStep<V extends Values> {
  /** From 0. */
  readonly index: number;
  readonly of: number;
  readonly row: SamplingRow;
  /** After the row, in the plan's units; those of the last step are the result. */
  readonly latents: V;
  /** The picture the network saw in this row, at signal scale 1. */
  readonly denoised: V;
}

/** The first latents of a plan, in its units: one draw of noise, and the picture if there is one. */
export function startLatents<V extends Values>(plan: SamplingPlan, draw: Draw<V>, image?: V): V {
  const { start, rows } = plan;
  const sigma = sigmaValue(rows[0]!.sigma);
  const noise = draw({ from: Infinity, to: sigma });
  return image === undefined
    ? scaled(noise, start.noise)
    : weightedSum([start.imageScale, image], [start.imageNoise, noise]);
}

/**
 * @throws FewstepError `interrupted` when the signal is aborted; whatever `predict` throws
 */
export async function* sample<V extends Values>(
  plan: SamplingPlan,
  predict: Predict<V>,
  options: SampleOptions<V>,
): AsyncGenerator<SampleStep<V>, void, void> {
  const { draw, image, images, signal, afterStep } = options;
  const { rows, sampler, prediction, units } = plan;
  const { step, memory } = samplerDefinitions[sampler.name];
  let x = scaled(options.start ?? startLatents(plan, draw, image), 1 / unitFactor(plan, renoised(rows[0]!)));
  let past: readonly PastStep<V>[] = [];
  for (const [index, row] of rows.entries()) {
    const counted = countedDraw(draw);
    x = climb(x, row, sampler.noiseScale ?? 1, counted.draw);
    const denoise = createDenoiser(plan, predict, row, index, { images, signal });
    const result = await step({ x, row, past, settings: sampler, prediction, denoise, draw: counted.draw });
    counted.upTo(row);
    past = [{ row, x, denoised: result.denoised, corrected: result.corrected }, ...past].slice(0, memory);
    const factor = units === "sigma" ? 1 : alphaOf(row.sigmaNext);
    let latents = scaled(result.x, factor);
    x = scaled(result.x, row.rescale);
    if (afterStep !== undefined) {
      latents = await afterStep(latents, rows[index + 1]);
      x = scaled(latents, row.rescale / factor);
    }
    yield { index, of: rows.length, row, latents, denoised: result.denoised };
  }
}

/** Latents in the plan's units = x times this. At infinite sigma both are the noise itself. */
function unitFactor(plan: SamplingPlan, sigma: number): number {
  return plan.units === "sigma" || sigma === Infinity ? 1 : alphaOf(sigma);
}

/** The sigma a row begins with, before noise is added. */
function renoised(row: SamplingRow): number {
  return row.renoiseFrom ?? sigmaValue(row.sigma);
}

function climb<V extends Values>(x: V, row: SamplingRow, noiseScale: number, draw: Draw<V>): V {
  const { renoiseFrom } = row;
  if (renoiseFrom === undefined) return x;
  const sigma = sigmaValue(row.sigma);
  const added = Math.sqrt(sigma * sigma - renoiseFrom * renoiseFrom) * noiseScale;
  return weightedSum([1, x], [added, draw({ from: renoiseFrom, to: sigma })]);
}

/** Counts a row's draws, and makes up those the sampler had no use for. */
function countedDraw<V extends Values>(draw: Draw<V>) {
  let made = 0;
  return {
    draw: (span: Parameters<Draw<V>>[0]) => {
      made += 1;
      return draw(span);
    },
    upTo: (row: SamplingRow) => {
      for (; made < row.draws; made++) draw({ from: sigmaValue(row.sigma), to: row.sigmaNext });
    },
  };
}
