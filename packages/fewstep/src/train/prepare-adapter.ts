// `fewstep train lcm|lightning|hyper|turbo`: a LoRA distilled from a checkpoint, on pictures encoded by its own autoencoder and captions
// encoded by its own text tower. Written in the published layout, with a folder of diffusers configs beside it.
import {
  composeSheet,
  createNoiseSchedule,
  layoutSafetensors,
  loadClipTokenizer,
  openSafetensors,
  type Pixels,
  writeSafetensors,
} from "@fewstep/core";
import { openFile } from "@fewstep/core/node";
import {
  clipTokenise,
  type DistillBase,
  distilledNetworks,
  type FlatLayout,
  LORA,
  latentSampler,
  loraMetadata,
  loraTensors,
  pictureDecoder,
  readLora,
  type StepRunner,
} from "@fewstep/train";
import { cachedTextStates, writeWhole } from "@fewstep/train/node";
import { writeSchedulerConfig } from "../diffusers/write-configs.js";
import { ADAPTER_RECIPES } from "./adapter-recipes.js";
import { ADAPTER_USES } from "./adapter-uses.js";
import type { AdapterMethod } from "./methods.js";
import { loadVae } from "./open-vae.js";
import type { Prepared } from "./prepared.js";
import { scheduleOf } from "./schedule.js";
import { sheetCaptions } from "./sheet-captions.js";
import { squarePicture } from "./sheet-pictures.js";
import { openTeacher } from "./teacher.js";
import { cacheFolder, latentsOf, type TrainContext } from "./train-context.js";
import type { TrainOptions } from "./train-options.js";
import { firstPictures, trainingPictures } from "./training-pictures.js";

const SHEET_SEED = 5;

export async function prepareAdapter(
  method: AdapterMethod,
  options: TrainOptions,
  context: TrainContext,
): Promise<Prepared> {
  const { signal, stage } = context;
  const teacher = await openTeacher(options.teacher!, signal);
  const size = options.size ?? teacher.size;
  const schedule = scheduleOf(method, options);
  const everything = await trainingPictures({ ...options, size });
  const source = options.dryRun ? firstPictures(everything, schedule.batch) : everything;
  const vae = await loadVae(teacher.vae, signal);
  const data = await latentsOf(vae, source, teacher.scalingFactor, options, context);
  const captions = Array.from({ length: source.count }, (_, i) => source.caption(i));
  const shown = await sheetCaptions(options.data, captions);
  const tower = teacher.text[0]!;
  const conditioning = await cachedTextStates({
    tower: { config: tower.config, weights: tower.weights, skip: teacher.textSkip, normed: teacher.family.text.normed },
    captions: [...captions, ...shown],
    tokenise: clipTokenise(await loadClipTokenizer(), tower.config.positions),
    folder: cacheFolder(options),
    ...(options.threads === undefined ? {} : { threads: options.threads }),
    signal,
    progress: (done, of) => stage("encoding captions", done, of),
  });
  const { alphaBar } = createNoiseSchedule();
  const base: DistillBase = {
    unet: teacher.unet.config,
    prediction: teacher.prediction.type,
    nameOf: (id) => id,
    sources: [],
    residents: new Map(),
  };
  const alpha = options.alpha ?? options.rank;
  const lora = { rank: options.rank, alpha };
  const { layout, adapted } = distilledNetworks(base.unet, base.nameOf, lora);
  const [start, teacherAdapter] = await Promise.all(
    [options.start, options.teacherLora].map((path) => openAdapter(path, layout, alpha, signal)),
  );
  const recipe = await ADAPTER_RECIPES[method]({
    shared: { base, conditioning, lora, data, shape: data.shape, alphaBar, ...schedule, ...(start && { start }) },
    teacher,
    options,
    teacherAdapter,
    signal,
  });
  const use = ADAPTER_USES[method](options);
  return {
    recipe,
    weights: teacher.unet.weights,
    notes: [
      `${source.count} pictures of ${size}x${size}; teacher ${teacher.name}, predicting ${base.prediction} (${teacher.prediction.evidence})`,
    ],
    async write(runner, stop, iterations) {
      const vector = await runner.get("lora.ema");
      const metadata = loraMetadata(lora, {
        method,
        accelerator: use.accelerator,
        steps: use.steps,
        size,
        base: teacher.name,
        prediction: base.prediction,
        iterations: Math.floor(iterations / options.accumulate),
        seed: options.seed,
        options: JSON.stringify(reported(options)),
      });
      const file = loraTensors({ layout, vector, ...lora });
      await writeWhole(options.out, writeSafetensors(layoutSafetensors(file, metadata), stop));
      const folder = await writeSchedulerConfig(options.out, use.scheduler, base.prediction);
      return [options.out, folder];
    },
    sheet,
  };

  async function sheet(runner: StepRunner, stop: AbortSignal): Promise<Pixels> {
    const [, height, width] = data.shape;
    const sampler = latentSampler({
      unet: base.unet,
      network: adapted(LORA),
      prediction: base.prediction,
      sources: [{ resident: "lora.ema", layout, prefix: LORA }],
      conditioning,
      shape: data.shape,
      batch: shown.length,
      alphaBar,
    });
    const { timesteps, noise } = use;
    const latents = await sampler.sample(
      runner,
      { captions: shown, timesteps, scale: 1, noise, seed: SHEET_SEED },
      stop,
    );
    await runner.set("sheet.vae", vae.vector);
    const shape = { batch: shown.length, height, width };
    const decoder = pictureDecoder(vae.config, vae.layout, "sheet.vae", shape, teacher.scalingFactor);
    const pictures = (await decoder.decode(runner, latents, stop)).map((rgb) => squarePicture(rgb, size));
    const half = Math.ceil(pictures.length / 2);
    return composeSheet({
      rows: [pictures.slice(0, half), pictures.slice(half)],
      title: `${method}, ${timesteps.length} steps`,
    });
  }
}

async function openAdapter(
  path: string | undefined,
  layout: FlatLayout,
  alpha: number,
  signal: AbortSignal,
): Promise<Float32Array | undefined> {
  if (path === undefined) return undefined;
  const { weights } = await openSafetensors(await openFile(path), signal);
  return readLora(layout, weights, alpha, signal);
}

/** What of the options tells how a LoRA came about: no paths of this machine. */
function reported({ batch, learningRate, guidance, studentSteps, teacherSteps, adversarial, rank }: TrainOptions) {
  return { batch, learningRate, guidance, rank, studentSteps, teacherSteps, adversarial };
}
