// `fewstep train base`: UNet and text tower of the embedded model's sizes from nothing, on the latents of an autoencoder. What is written
// is a whole single-file checkpoint of Stable Diffusion 1.x.
import {
  FewstepError,
  families,
  layoutSafetensors,
  loadClipTokenizer,
  type Pixels,
  writeSafetensors,
} from "@fewstep/core";
import { openModel } from "@fewstep/core/node";
import {
  baseLayout,
  baseRecipe,
  clipTokenise,
  type FlatLayout,
  readBase,
  type StepRunner,
  singleFileTensors,
  TEXT,
  TINY,
  type TokenRows,
  tokenConditioning,
  tokenRowsOf,
  trailingTimesteps,
  UNET,
  unetNetwork,
} from "@fewstep/train";
import { writeWhole } from "@fewstep/train/node";
import { writeModelConfigs } from "../diffusers/write-configs.js";
import { noiseOf } from "./noise-of.js";
import { openVae } from "./open-vae.js";
import type { Prepared } from "./prepared.js";
import { sampledSheets } from "./sampled-sheet.js";
import { scheduleOf } from "./schedule.js";
import { sheetCaptions } from "./sheet-captions.js";
import { latentsOf, type TrainContext } from "./train-context.js";
import type { TrainOptions } from "./train-options.js";
import { trainingPictures } from "./training-pictures.js";

const { unet, text, vocabulary, size } = TINY;
const { scalingFactor } = families.sd15;
const SHEET = { steps: 25, scale: 3, seed: 5 } as const;

/** --start: the networks of a checkpoint with the embedded model's sizes. */
async function startOf(path: string, layout: FlatLayout, rows: TokenRows, signal: AbortSignal): Promise<Float32Array> {
  const { unet: denoiser, text: towers, name } = await openModel(path, { signal });
  const [tower] = towers;
  if (denoiser !== undefined && tower !== undefined)
    return readBase(layout, { unet: denoiser.weights, text: tower.weights }, rows, signal);
  throw new FewstepError({
    code: "start-not-whole",
    message: `${name} cannot be gone on from`,
    expected: "a checkpoint that `fewstep train base` wrote: UNet and text encoder",
  });
}

export async function prepareBase(options: TrainOptions, context: TrainContext): Promise<Prepared> {
  const source = await trainingPictures({ ...options, size });
  const tokenise = clipTokenise(await loadClipTokenizer());
  // from all captions, so that a dry run has the sizes of the run
  const captions = Array.from({ length: source.count }, (_, i) => source.caption(i));
  const rows = tokenRowsOf(captions, tokenise);
  const vae = await openVae(options.vae!, context.signal);
  const data = await latentsOf(vae, source, scalingFactor, options, context);
  const model = { unet, text, rows };
  const layout = baseLayout(model);
  const { prediction, timestepPower, zeroTerminalSnr = false } = options;
  const { alphaBar } = noiseOf({ zeroTerminalSnr });
  const start = options.start && (await startOf(options.start, layout, rows, context.signal));
  const recipe = baseRecipe({
    model,
    data,
    tokenise,
    alphaBar,
    prediction,
    timestepPower,
    ...(start && { start }),
    ...scheduleOf("base", options),
  });
  const drawSheet = sampledSheets();
  return {
    recipe,
    notes: [`${source.count} pictures of ${size}x${size}, ${rows.ids.length} token rows, ${layout.length} weights`],
    async write(runner, signal, updates) {
      const tensors = singleFileTensors({
        unet,
        vae: vae.config,
        base: { layout, vector: await runner.get("base.ema") },
        autoencoder: vae,
        rows,
        vocabulary,
        zeroTerminalSnr,
      });
      const metadata = {
        "modelspec.architecture": "stable-diffusion-v1",
        "modelspec.prediction_type": prediction,
        "modelspec.resolution": `${size}x${size}`,
        "fewstep.method": "base",
        "fewstep.iterations": String(updates),
        "fewstep.seed": String(recipe.seed),
      };
      await writeWhole(options.out, writeSafetensors(layoutSafetensors(tensors, metadata), signal));
      const configs = {
        family: families.sd15,
        unet,
        vae: vae.config,
        text: [text],
        vocabulary,
        prediction,
        zeroTerminalSnr,
        size,
        scalingFactor,
      };
      return [options.out, await writeModelConfigs(options.out, configs)];
    },
    sheet,
  };

  async function sheet(runner: StepRunner, signal: AbortSignal): Promise<Pixels> {
    const shown = await sheetCaptions(options.data, captions);
    const sampler = {
      unet,
      network: unetNetwork(unet, (id) => UNET + id),
      prediction,
      sources: [{ resident: "base.ema", layout, prefix: "" }],
      conditioning: tokenConditioning({ text, rows, tokenise, nameOf: (id) => TEXT + id }),
      shape: data.shape,
      alphaBar,
    };
    const { steps, scale, seed } = SHEET;
    const request = { captions: shown, timesteps: trailingTimesteps(steps), scale, noise: "none", seed } as const;
    const title = `${steps} steps, guidance ${scale}`;
    return drawSheet(runner, { sampler, request, vae, scalingFactor, title }, signal);
  }
}
