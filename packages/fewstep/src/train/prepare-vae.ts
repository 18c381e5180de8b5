// `fewstep train vae`: an autoencoder from nothing, or from another one, on crops. What is written is normalised: its means, times 0.18215, have
// zero mean and unit variance a channel over training pictures, so that noise levels fit the schedule. With --decoder-only the encoder stays,
// and its latents with it.
import {
  composeSheet,
  FewstepError,
  families,
  layoutSafetensors,
  type Pixels,
  vaeDecoder,
  vaeEncoder,
  writeSafetensors,
} from "@fewstep/core";
import {
  DECODER,
  encodePictures,
  evaluate,
  inMemory,
  type KeyedPictures,
  type PictureSource,
  pictureFeed,
  type Recipe,
  type Source,
  START,
  type StepRunner,
  TINY,
  vaeDecoderLayout,
  vaeDecoderRecipe,
  vaeFileTensors,
  vaeLayout,
  vaeRecipe,
  withDecoder,
} from "@fewstep/train";
import { writeWhole } from "@fewstep/train/node";
import { badValue } from "../run/parse-values.js";
import { openVae } from "./open-vae.js";
import type { Prepared } from "./prepared.js";
import { scheduleOf } from "./schedule.js";
import { tensorPictures } from "./sheet-pictures.js";
import type { TrainContext } from "./train-context.js";
import type { TrainOptions } from "./train-options.js";
import { firstPictures, trainingPictures } from "./training-pictures.js";

const { vae: config, size } = TINY;
const { scalingFactor } = families.sd15;
const layout = vaeLayout(config);
/** Pictures that the means and variances of the channels are found on. */
const NORMALISED_ON = 2000;
const ENCODE_BATCH = 8;
const SHEET = 6;

type Metadata = Readonly<Record<string, string>>;

/** What differs between training both halves and the decoder alone. */
interface Halves {
  readonly recipe: Recipe;
  readonly encoder: Source;
  readonly decoder: Source;
  /** The autoencoder that is written, and what its file says of it. */
  result(runner: StepRunner, signal: AbortSignal): Promise<readonly [Float32Array, Metadata]>;
}

/** --start: an autoencoder of the embedded model's sizes. Throws `start-not-whole`. */
async function startOf(path: string, signal: AbortSignal): Promise<Float32Array> {
  const vae = await openVae(path, signal);
  const sizes = ({ entries }: typeof layout) => entries.map(({ name, shape }) => `${name} ${shape}`).join();
  if (sizes(vae.layout) === sizes(layout)) return vae.vector;
  throw new FewstepError({
    code: "start-not-whole",
    message: `${path} cannot be gone on from`,
    found: `an autoencoder of ${vae.config.channels.join(", ")} channels`,
    expected: `one of ${config.channels.join(", ")}, as \`fewstep train vae\` writes it`,
  });
}

function bothHalves(options: TrainOptions, data: KeyedPictures, start: Float32Array | undefined): Halves {
  const recipe = vaeRecipe({
    config,
    data,
    crop: options.crop,
    ...(start && { start }),
    ...scheduleOf("vae", options),
  });
  const source = { resident: "vae.ema", layout, prefix: "" };
  return {
    recipe,
    encoder: source,
    decoder: source,
    async result(runner, signal) {
      const { vector, statistics } = await encodePictures({
        runner,
        config,
        layout,
        vector: await runner.get("vae.ema"),
        source: firstPictures(data, NORMALISED_ON),
        batch: ENCODE_BATCH,
        scalingFactor,
        signal,
      });
      const list = (values: readonly number[]) => values.map((value) => value.toFixed(4)).join(" ");
      const metadata = {
        "fewstep.latent_mean": list(statistics.mean),
        "fewstep.latent_deviation": list(statistics.deviation),
      };
      return [vector, metadata];
    },
  };
}

function decoderAlone(options: TrainOptions, data: KeyedPictures, start: Float32Array): Halves {
  const { crop, patchCritic = 0, latentNoise = 0 } = options;
  const recipe = vaeDecoderRecipe({
    config,
    data,
    crop,
    start,
    patchWeight: patchCritic,
    latentNoise: latentNoise / scalingFactor,
    ...scheduleOf("vae", options),
  });
  return {
    recipe,
    encoder: { resident: START, layout, prefix: "" },
    decoder: { resident: `${DECODER}.ema`, layout: vaeDecoderLayout(config), prefix: "" },
    async result(runner) {
      const vector = withDecoder(config, start, await runner.get(`${DECODER}.ema`));
      const metadata = {
        "fewstep.decoder_only": "true",
        "fewstep.patch_critic": String(patchCritic),
        "fewstep.latent_noise": String(latentNoise),
      };
      return [vector, metadata];
    },
  };
}

/** @throws FewstepError `bad-option`, `start-not-whole`, and the codes of trainingPictures and openVae */
export async function prepareVae(options: TrainOptions, { signal: asked }: TrainContext): Promise<Prepared> {
  if (options.crop > size) throw badValue("crop", String(options.crop), `at most ${size}, the side of the pictures`);
  const data = await trainingPictures({ ...options, size });
  const start = options.start === undefined ? undefined : await startOf(options.start, asked);
  const halves =
    options.decoderOnly && start !== undefined ? decoderAlone(options, data, start) : bothHalves(options, data, start);
  const { recipe } = halves;
  const shown = firstPictures(data, SHEET);
  // of the first sheet for all: a runner keeps what it was given
  let programs: ReturnType<typeof sheetPrograms> | undefined;
  return {
    recipe,
    notes: [`${data.count} pictures of ${size}x${size}, crops of ${options.crop}`],
    async write(runner, signal, updates) {
      const [vector, own] = await halves.result(runner, signal);
      const metadata = {
        "fewstep.method": "vae",
        "fewstep.iterations": String(updates),
        "fewstep.seed": String(recipe.seed),
        ...own,
      };
      const tensors = vaeFileTensors(config, { layout, vector });
      await writeWhole(options.out, writeSafetensors(layoutSafetensors(tensors, metadata), signal));
      return [options.out];
    },
    sheet: (runner, signal) => {
      programs ??= sheetPrograms(halves, shown.count);
      return reconstructions(runner, programs, shown, signal);
    },
  };
}

function sheetPrograms(sources: Pick<Halves, "encoder" | "decoder">, batch: number) {
  const encoder = vaeEncoder(config, { batch, height: size, width: size });
  const means = { ...encoder, outputs: encoder.outputs.filter(({ name }) => name === "mean") };
  const decoder = vaeDecoder(config, { batch, height: size / 8, width: size / 8 });
  return {
    encode: evaluate("sheet-encode", means, [sources.encoder]),
    decode: evaluate("sheet-decode", decoder, [sources.decoder]),
  };
}

/** Pictures above, what comes back below. */
async function reconstructions(
  runner: StepRunner,
  { encode, decode }: ReturnType<typeof sheetPrograms>,
  pictures: PictureSource,
  signal: AbortSignal,
): Promise<Pixels> {
  const shown = await inMemory(pictures);
  const batch = shown.count;
  const image = pictureFeed(await Promise.all(Array.from({ length: batch }, (_, i) => shown.picture(i))), shown);
  const { mean } = await runner.run(encode, { image }, signal);
  const back = await runner.run(decode, { latents: mean! }, signal);
  return composeSheet({
    rows: [tensorPictures(image), tensorPictures(back.image!)],
    rowLabels: ["drawn", "encoded and decoded"],
  });
}
