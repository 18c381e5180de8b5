// Sheets while training: the network's own pictures of some captions, sampled and decoded where the training runs.
import { composeSheet, type Pixels } from "@fewstep/core";
import {
  latentSampler,
  pictureDecoder,
  type SampleRequest,
  type SamplerOptions,
  type StepRunner,
} from "@fewstep/train";
import type { LoadedVae } from "./open-vae.js";
import { squarePicture } from "./sheet-pictures.js";

export interface SampledSheet {
  readonly sampler: Omit<SamplerOptions, "batch">;
  readonly request: SampleRequest;
  readonly vae: LoadedVae;
  readonly scalingFactor: number;
  readonly title: string;
}

/** The resident of the autoencoder that only sheets need. */
const VAE = "sheet.vae";

/** Two rows of square pictures. */
export async function sampledSheet(
  runner: StepRunner,
  { sampler, request, vae, scalingFactor, title }: SampledSheet,
  signal: AbortSignal,
): Promise<Pixels> {
  const batch = request.captions.length;
  const [, height, width] = sampler.shape;
  const latents = await latentSampler({ ...sampler, batch }).sample(runner, request, signal);
  await runner.set(VAE, vae.vector);
  const decoder = pictureDecoder(vae.config, vae.layout, VAE, { batch, height, width }, scalingFactor);
  const pictures = (await decoder.decode(runner, latents, signal)).map((rgb) => squarePicture(rgb, 8 * width));
  const half = Math.ceil(batch / 2);
  return composeSheet({ rows: [pictures.slice(0, half), pictures.slice(half)], title });
}
