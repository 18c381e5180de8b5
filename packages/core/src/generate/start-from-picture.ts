// What a run starts from when a picture is given, in diffusers' order of draws: a sample of the picture, the start noise, a sample of the
// masked picture. Inpainting checkpoints take mask and masked picture as further channels; with others the picture, noised as the next row
// begins, is put back around the mask after every step.
import { binarize, type Mask, maskForLatents } from "../image/mask.js";
import type { Planes } from "../image/pixels.js";
import { noisedTo } from "../sampling/img2img.js";
import type { RunDraw } from "../sampling/noise/draw.js";
import { type SampleOptions, startLatents } from "../sampling/sample.js";
import type { Draw } from "../sampling/samplers/step.js";
import { planSigma, type SamplingPlan, type SamplingRow } from "../sampling/sampling-plan.js";
import { type EncodedPicture, type PictureEncoder, sampleOf } from "./picture-encoder.js";
import type { InitPlan } from "./picture-request.js";

/** A picture, encoded once for all that is made from it. */
export interface EncodedStart {
  readonly plan: InitPlan;
  /** Absent where nothing of the picture is left in the first latents and nothing is put back. */
  readonly picture: EncodedPicture | undefined;
  readonly masked: MaskedStart | undefined;
}

interface MaskedStart {
  /** A value for each latent: 1 where it is painted, else 0. */
  readonly cells: Float32Array;
  /** The picture with grey where it is painted, for an inpainting checkpoint. */
  readonly surroundings: EncodedPicture | undefined;
}

export interface BatchStart {
  readonly start: Float32Array;
  /** Mask and masked picture, [5, height, width], for an inpainting checkpoint. */
  readonly extraChannels: Float32Array | undefined;
  readonly afterStep: NonNullable<SampleOptions<Float32Array>["afterStep"]> | undefined;
}

/** @param mask of the picture's size, 1 is painted; cut at a half here */
export async function encodeStart(
  encoder: PictureEncoder,
  plan: InitPlan,
  picture: Planes,
  mask: Mask | undefined,
  inpainting: boolean,
  signal?: AbortSignal,
): Promise<EncodedStart> {
  const whole = mask !== undefined && plan.strength === 1;
  const encoded = inpainting && whole ? undefined : await encoder.encode(picture, signal);
  if (mask === undefined) return { plan, picture: encoded, masked: undefined };
  const painted = binarize(mask);
  const surroundings = inpainting ? await encoder.encode(greyed(picture, painted), signal) : undefined;
  return { plan, picture: encoded, masked: { cells: maskForLatents(painted).data, surroundings } };
}

/** @param images in the batch; they share one sample of the picture */
export function startBatch(sampling: SamplingPlan, encoded: EncodedStart, draw: RunDraw, images: number): BatchStart {
  const { plan, picture, masked } = encoded;
  const samples = plan.encode === "sample";
  const read = (one: EncodedPicture): Float32Array =>
    samples && one.deviation !== undefined ? sampleOf(one, draw.picture()) : one.mean;
  const image = picture && repeated(read(picture), images);
  let noise: Float32Array | undefined;
  const drawStart: Draw<Float32Array> = (span) => {
    noise = draw(span);
    return noise;
  };
  const noisedOnly = masked !== undefined && plan.strength === 1;
  const start = startLatents(sampling, drawStart, noisedOnly ? undefined : image);
  if (masked === undefined) return { start, extraChannels: undefined, afterStep: undefined };
  if (masked.surroundings !== undefined) {
    return { start, extraChannels: joined(masked.cells, read(masked.surroundings)), afterStep: undefined };
  }
  // diffusers samples the masked picture here too, and uses it not
  if (samples && picture!.deviation !== undefined) draw.picture();
  const afterStep = (latents: Float32Array, following: SamplingRow | undefined) =>
    kept(
      latents,
      following === undefined ? image! : noisedTo(sampling, arrival(following), image!, noise!),
      masked.cells,
    );
  return { start, extraChannels: undefined, afterStep };
}

/** The row at the noise level at which the state reaches it: before its own noise is added. */
function arrival(row: SamplingRow): SamplingRow {
  return row.renoiseFrom === undefined ? row : { ...row, sigma: planSigma(row.renoiseFrom) };
}

/** `original` where nothing is painted. */
function kept(latents: Float32Array, original: Float32Array, cells: Float32Array): Float32Array {
  return latents.map((value, i) => {
    const painted = cells[i % cells.length]!;
    return (1 - painted) * original[i]! + painted * value;
  });
}

/** Grey, the middle of [-1, 1], where the mask is 1. */
function greyed(picture: Planes, { data: mask }: Mask): Planes {
  return { ...picture, data: picture.data.map((value, i) => (mask[i % mask.length] === 1 ? 0 : value)) };
}

/** The decoded picture with the original around the painted part, mixed where the mask is soft. */
export function pasted(decoded: Planes, original: Planes, { data: mask }: Mask): Planes {
  const data = decoded.data.map((value, i) => {
    const painted = mask[i % mask.length]!;
    return painted * Math.min(1, Math.max(-1, value)) + (1 - painted) * original.data[i]!;
  });
  return { ...decoded, data };
}

function repeated(one: Float32Array, times: number): Float32Array {
  return joined(...Array.from({ length: times }, () => one));
}

function joined(...parts: readonly Float32Array[]): Float32Array {
  const whole = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
