// Sheets while training: the network's own pictures of some captions, sampled and decoded where the training runs.
import { composeSheet, type Pixels } from "@fewstep/core";
import {
  type LatentSampler,
  latentSampler,
  type PictureDecoder,
  pictureDecoder,
  type SampleRequest,
  type SamplerOptions,
  type StepRunner,
} from "@fewstep/train";
import type { LoadedVae } from "./open-vae.js";
import { rgbPicture } from "./sheet-pictures.js";

export interface SampledSheet {
  readonly sampler: Omit<SamplerOptions, "batch">;
  readonly request: SampleRequest;
  readonly vae: LoadedVae;
  readonly scalingFactor: number;
  readonly title: string;
}

/** The resident of the autoencoder that only sheets need. */
const VAE = "sheet.vae";

/** Makes a run's sheets, two rows of pictures each: the networks of the first serve all, since a runner keeps what it was given. */
export function sampledSheets() {
  let networks: { readonly sampler: LatentSampler; readonly decoder: PictureDecoder } | undefined;
  return async (runner: StepRunner, sheet: SampledSheet, signal: AbortSignal): Promise<Pixels> => {
    networks ??= networksOf(sheet);
    return draw(runner, sheet, networks, signal);
  };
}

function networksOf({ sampler, request, vae, scalingFactor }: SampledSheet) {
  const batch = request.captions.length;
  const [, height, width] = sampler.shape;
  return {
    sampler: latentSampler({ ...sampler, batch }),
    decoder: pictureDecoder(vae.config, vae.layout, VAE, { batch, height, width }, scalingFactor),
  };
}

async function draw(
  runner: StepRunner,
  { sampler: { shape }, request, vae, title }: SampledSheet,
  { sampler, decoder }: ReturnType<typeof networksOf>,
  signal: AbortSignal,
): Promise<Pixels> {
  const batch = request.captions.length;
  const [, height, width] = shape;
  const latents = await sampler.sample(runner, request, signal);
  await runner.set(VAE, vae.vector);
  const pictures = (await decoder.decode(runner, latents, signal)).map((rgb) => rgbPicture(rgb, 8 * width, 8 * height));
  const half = Math.ceil(batch / 2);
  return composeSheet({ rows: [pictures.slice(0, half), pictures.slice(half)], title });
}
