// What every distillation starts from: the teacher's networks, the pictures as its latents, the captions as its text states.
import { loadClipTokenizer, openSafetensors } from "@fewstep/core";
import { openFile } from "@fewstep/core/node";
import {
  clipTokenise,
  type DistillBase,
  type DistillOptions,
  distilledNetworks,
  type LatentSet,
  readLora,
} from "@fewstep/train";
import { cachedTextStates } from "@fewstep/train/node";
import type { AdapterMethod } from "./methods.js";
import { noiseOf } from "./noise-of.js";
import { type LoadedVae, loadVae } from "./open-vae.js";
import { scheduleOf } from "./schedule.js";
import { sheetCaptions } from "./sheet-captions.js";
import { openTeacher, type Teacher } from "./teacher.js";
import { cacheFolder, latentsOf, type TrainContext } from "./train-context.js";
import type { TrainOptions } from "./train-options.js";
import { firstPictures, picturesByShape, trainingPictures } from "./training-pictures.js";

/** What a recipe is told whatever its method. */
export type SharedOptions = Omit<DistillOptions, "start">;

export interface DistillationInputs {
  readonly teacher: Teacher;
  readonly vae: LoadedVae;
  /** Pixels of a training picture's side; of buckets, of a square of their area. */
  readonly size: number;
  /** Captions of the sheets. */
  readonly shown: readonly string[];
  /** For each shape of pictures, the shape of most first; only data and shape differ. */
  readonly buckets: readonly [SharedOptions, ...SharedOptions[]];
  readonly notes: readonly string[];
}

/** @throws the codes of openTeacher, trainingPictures and scheduleOf */
export async function distillationInputs(
  method: AdapterMethod,
  options: TrainOptions,
  context: TrainContext,
): Promise<DistillationInputs> {
  const { signal, stage } = context;
  const teacher = await openTeacher(options.teacher!, signal);
  const size = options.size ?? teacher.size;
  const schedule = scheduleOf(method, options);
  const request = { ...options, size };
  // latents halve on every level but the last, and gradients want whole halves
  const step = 8 * 2 ** (teacher.unet.config.down.length - 1);
  const everything = options.buckets
    ? await picturesByShape({ ...request, step }, { signal, progress: (done, of) => stage("reading shapes", done, of) })
    : [await trainingPictures(request)];
  const sources = options.dryRun ? everything.map((source) => firstPictures(source, schedule.batch)) : everything;
  const vae = await loadVae(teacher.vae, signal);
  const sets: LatentSet[] = [];
  for (const source of sources) sets.push(await latentsOf(vae, source, teacher.scalingFactor, options, context));
  const captions = sources.flatMap((source) => Array.from({ length: source.count }, (_, i) => source.caption(i)));
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
  const { alphaBar } = noiseOf(teacher);
  const base: DistillBase = {
    unet: teacher.unet.config,
    prediction: teacher.prediction.type,
    nameOf: (id) => id,
    sources: [],
    residents: new Map(),
  };
  const lora = { rank: options.rank, alpha: options.alpha ?? options.rank };
  const sharedOf = (data: LatentSet): SharedOptions => ({
    ...{ base, conditioning, lora, data, shape: data.shape, alphaBar },
    ...schedule,
  });
  const [data, ...others] = sets as [LatentSet, ...LatentSet[]];
  const pictures = everything.map(({ count, width, height }) => `${count} pictures of ${width}x${height}`);
  return {
    teacher,
    vae,
    size,
    shown,
    buckets: [sharedOf(data), ...others.map(sharedOf)],
    notes: [
      `${pictures.join(", ")}; teacher ${teacher.name}, predicting ${base.prediction} (${teacher.prediction.evidence})`,
    ],
  };
}

/** The LoRA of a file as one vector of the distillation's layout. @throws the codes of readLora and openSafetensors */
export async function openAdapter(
  path: string,
  { base, lora }: Pick<DistillOptions, "base" | "lora">,
  signal: AbortSignal,
): Promise<Float32Array> {
  const { weights } = await openSafetensors(await openFile(path), signal);
  return readLora(distilledNetworks(base.unet, base.nameOf, lora).layout, weights, lora.alpha, signal);
}
