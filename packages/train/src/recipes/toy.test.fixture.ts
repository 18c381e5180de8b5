// A world small enough to train in seconds: five kinds of 8x8 latents with two words each, and networks of some hundred thousand parameters.
import { createNoiseSchedule } from "@fewstep/core";
import { latentSet } from "../data/latent-set.js";
import { tokenRows } from "../data/token-rows.js";
import { unpackFlat } from "../flat/layout.js";
import { sd15Unet } from "../models/tiny.js";
import { ortRunner } from "../node/ort-runner.js";
import type { LearningRate } from "../optim/learning-rate.js";
import { randomStream } from "../optim/random-stream.js";
import type { TrainStore } from "../trainer/store.js";
import { train } from "../trainer/train.js";
import { type BaseModel, type BaseOptions, baseLayout, baseRecipe, TEXT, UNET } from "./base.js";
import { tokenConditioning } from "./conditioning.js";
import type { DistillBase } from "./distillation.js";
import type { Recipe } from "./recipe.js";

export const WORDS = ["red", "blue", "hair", "eyes", "cat"] as const;
const [START, END, COMMA] = [49406, 49407, 267];

export const tokenise = (text: string): readonly number[] => {
  const words = text === "" ? [] : text.split(", ").flatMap((word) => [WORDS.indexOf(word as never), COMMA]);
  return [START, ...words, ...Array.from({ length: 16 - 1 - words.length }, () => END)];
};

export const alphaBar = createNoiseSchedule().alphaBar;

export const model: BaseModel = {
  unet: sd15Unet({ channels: [32, 64], blocks: 1, attention: [false, true], contextWidth: 64 }),
  text: { width: 64, layers: 1, heads: 1, activation: "QuickGelu", feedForward: 128, positions: 16 },
  rows: tokenRows([START, END, COMMA, 0, 1, 2, 3]),
};

export const SHAPE = [4, 8, 8] as const;
const SIZE = 4 * 8 * 8;

function toyLatents() {
  const random = randomStream(3, "toy", 0);
  const captions = Array.from({ length: 64 }, (_, i) => `${WORDS[i % 5]}, ${WORDS[(i + 1) % 5]}`);
  const latents = Float32Array.from(
    { length: 64 * SIZE },
    (_, i) => 1.2 * Math.sin((i % SIZE) * ((Math.floor(i / SIZE) % 5) + 1) * 0.1) + 0.2 * random.normal(),
  );
  return latentSet(latents, SHAPE, captions);
}

export const data = toyLatents();

export const baseOptions: BaseOptions = {
  model,
  data,
  tokenise,
  alphaBar,
  prediction: "epsilon",
  batch: 8,
  iterations: 50,
  seed: 1,
  learningRate: { peak: 1e-3, warmUp: 5, decay: "constant" },
};

export const conditioning = tokenConditioning({
  text: model.text,
  rows: model.rows,
  tokenise,
  nameOf: (id) => TEXT + id,
});

/** A toy base network, trained for a moment. */
export async function trainedBase(iterations: number): Promise<DistillBase> {
  const runner = ortRunner({ threads: 1 });
  const recipe = baseRecipe({ ...baseOptions, iterations });
  for await (const _ of train(recipe, { runner }));
  const vector = await runner.get("base.ema");
  await runner.dispose();
  return {
    unet: model.unet,
    prediction: baseOptions.prediction,
    nameOf: (id) => UNET + id,
    sources: [{ resident: "base", layout: baseLayout(model), prefix: "" }],
    residents: new Map([["base", vector]]),
  };
}

/** A weight of a toy base by its canonical name. */
export function canonicalOf({ sources, residents, nameOf }: DistillBase): (name: string) => Float32Array {
  const { layout, resident } = sources[0]!;
  const values = unpackFlat(layout, residents.get(resident)!);
  return (name) => values.get(nameOf(name))!;
}

export const constantRate = (peak: number): LearningRate => ({ peak, decay: "constant" });

/** What distillations on a toy base share: `size` is the rank and alpha of the LoRA, and the batch. */
export const distillOptions = (base: DistillBase, size: number) =>
  ({
    base,
    conditioning,
    lora: { rank: size, alpha: size },
    data,
    shape: SHAPE,
    alphaBar,
    batch: size,
    seed: 1,
  }) as const;

export interface Run {
  /** All metrics of a run, in order. */
  readonly lines: readonly Readonly<Record<string, number>>[];
  /** The trained vectors at its end, by resident. */
  readonly vectors: ReadonlyMap<string, Float32Array>;
}

export async function runOf(recipe: Recipe): Promise<Run> {
  const runner = ortRunner({ threads: 1 });
  const lines: Readonly<Record<string, number>>[] = [];
  for await (const { metrics } of train(recipe, { runner })) lines.push(metrics);
  const vectors = new Map<string, Float32Array>();
  for (const name of recipe.state) vectors.set(name, await runner.get(name));
  await runner.dispose();
  return { lines, vectors };
}

/** The trained vectors of a run that was left behind after `iterations`, its state all that was kept, and then gone on with. */
export async function brokenOff(recipe: Recipe, iterations: number): Promise<ReadonlyMap<string, Float32Array>> {
  const { vectors } = await runOf({ ...recipe, iterations });
  const runner = ortRunner({ threads: 1 });
  const residents = vectors;
  const store: TrainStore = {
    load: async () => ({ recipe: recipe.name, seed: recipe.seed, iteration: iterations, residents }),
    save: async () => {},
    append: async () => {},
  };
  for await (const _ of train(recipe, { runner, store }));
  const ended = new Map<string, Float32Array>();
  for (const name of recipe.state) ended.set(name, await runner.get(name));
  await runner.dispose();
  return ended;
}

export const metricsOf = async (recipe: Recipe) => (await runOf(recipe)).lines;

export const mean = (values: readonly number[]): number => values.reduce((sum, x) => sum + x, 0) / values.length;

interface Change {
  readonly resident: string;
  readonly metric: string;
  readonly peak: number;
  readonly iterations: number;
}

const READ = 6;

/**
 * A metric on the same few batches at the start and after training, and the trained vector. An iteration draws its batch from (seed, index)
 * alone and tells the metric of the weights that it found, so the reading puts the weights back before each.
 */
export async function beforeAndAfter(
  make: (options: { learningRate: LearningRate; iterations: number }) => Recipe,
  { resident, metric, peak, iterations }: Change,
): Promise<readonly [before: number, after: number, start: Float32Array, end: Float32Array]> {
  const recipe = make({ learningRate: constantRate(peak), iterations });
  const runner = ortRunner({ threads: 1 });
  const averaged = resident.replace(/\.p$/, ".ema");
  const read = async (vector: Float32Array) => {
    const values: number[] = [];
    for (let index = 0; index < READ; index++) {
      for (const name of recipe.state) await runner.set(name, recipe.initial.get(name)!);
      for (const name of [resident, averaged]) if (recipe.initial.has(name)) await runner.set(name, vector);
      values.push((await recipe.iterate({ runner, index }))[metric]!);
    }
    return mean(values);
  };
  for await (const _ of train(recipe, { runner }));
  const [start, end] = [recipe.initial.get(resident)!, await runner.get(resident)];
  const [before, after] = [await read(start), await read(end)];
  await runner.dispose();
  return [before, after, start, end];
}
