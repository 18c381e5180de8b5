// `fewstep train vae`: an autoencoder from nothing on crops. What is written is normalised: its means, times 0.18215, have zero mean and
// unit variance a channel over training pictures, so that noise levels fit the schedule.
import {
  composeSheet,
  families,
  layoutSafetensors,
  type Pixels,
  vaeDecoder,
  vaeEncoder,
  writeSafetensors,
} from "@fewstep/core";
import {
  encodePictures,
  evaluate,
  inMemory,
  pictureFeed,
  type StepRunner,
  TINY,
  vaeFileTensors,
  vaeLayout,
  vaeRecipe,
} from "@fewstep/train";
import { writeWhole } from "@fewstep/train/node";
import type { Prepared } from "./prepared.js";
import { scheduleOf } from "./schedule.js";
import { tensorPictures } from "./sheet-pictures.js";
import type { TrainOptions } from "./train-options.js";
import { firstPictures, trainingPictures } from "./training-pictures.js";

const { vae: config, size } = TINY;
const { scalingFactor } = families.sd15;
/** Pictures that the means and variances of the channels are found on. */
const NORMALISED_ON = 2000;
const ENCODE_BATCH = 8;
const SHEET = 6;

export async function prepareVae(options: TrainOptions): Promise<Prepared> {
  const data = await trainingPictures({ ...options, size });
  const layout = vaeLayout(config);
  const recipe = vaeRecipe({
    config,
    data,
    crop: options.crop,
    ...scheduleOf("vae", options),
  });
  return {
    recipe,
    notes: [`${data.count} pictures of ${size}x${size}, crops of ${options.crop}`],
    async write(runner, signal, iterations) {
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
        "fewstep.method": "vae",
        "fewstep.iterations": String(iterations),
        "fewstep.seed": String(recipe.seed),
        "fewstep.latent_mean": list(statistics.mean),
        "fewstep.latent_deviation": list(statistics.deviation),
      };
      const tensors = vaeFileTensors(config, { layout, vector });
      await writeWhole(options.out, writeSafetensors(layoutSafetensors(tensors, metadata), signal));
      return [options.out];
    },
    sheet: (runner, signal) => reconstructions(runner, signal),
  };

  /** Pictures above, what comes back below. */
  async function reconstructions(runner: StepRunner, signal: AbortSignal): Promise<Pixels> {
    const shown = await inMemory(firstPictures(data, SHEET));
    const batch = shown.count;
    const sources = [{ resident: "vae.ema", layout, prefix: "" }];
    const encoder = vaeEncoder(config, { batch, height: size, width: size });
    const means = { ...encoder, outputs: encoder.outputs.filter(({ name }) => name === "mean") };
    const pictures = await Promise.all(Array.from({ length: batch }, (_, i) => shown.picture(i)));
    const image = pictureFeed(pictures, shown);
    const { mean } = await runner.run(evaluate("sheet-encode", means, sources), { image }, signal);
    const decoder = vaeDecoder(config, { batch, height: size / 8, width: size / 8 });
    const back = await runner.run(evaluate("sheet-decode", decoder, sources), { latents: mean! }, signal);
    return composeSheet({
      rows: [tensorPictures(image), tensorPictures(back.image!)],
      rowLabels: ["drawn", "encoded and decoded"],
    });
  }
}
