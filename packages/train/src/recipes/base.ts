// Trains a denoiser and its text tower from nothing: predict what was added to noised latents (Ho et al. 2020; v: Salimans and Ho 2022).
// One flat vector holds both networks; its weights are named "unet." and "text." plus their canonical names.
import {
  type ClipTextConfig,
  clipText,
  type Graph,
  GraphBuilder,
  type PredictionType,
  prune,
  type UnetConfig,
  unet,
} from "@fewstep/core";
import { type CaptionOptions, variedCaption } from "../data/captions.js";
import type { LatentSet } from "../data/latent-set.js";
import { shuffledOrder } from "../data/order.js";
import type { Tokenise, TokenRows } from "../data/token-rows.js";
import { type FlatLayout, flatLayout, packFlat, viewOf } from "../flat/layout.js";
import { columnFeed, columnOf } from "../losses/columns.js";
import { batchMean, squaredError } from "../losses/elementwise.js";
import { minSnrWeight } from "../losses/min-snr.js";
import { noised, predictionTarget } from "../losses/prediction.js";
import { initialWeights } from "../models/initial-weights.js";
import { TOKEN_TABLE, unetNetwork } from "../models/network.js";
import { type LearningRate, learningRateAt } from "../optim/learning-rate.js";
import { randomStream } from "../optim/random-stream.js";
import { hyperFeed, type TrainStepOptions, trainStep } from "../program/train-step.js";
import { timeFeed, tokenConditioning } from "./conditioning.js";
import { latentFeed, noiseFeed } from "./latent-batch.js";
import { lossAndNorm } from "./loss-and-norm.js";
import { initialState, type Metrics, type Recipe } from "./recipe.js";
import { spreadTimesteps } from "./spread-timesteps.js";

export const UNET = "unet.";
export const TEXT = "text.";

export interface BaseModel {
  readonly unet: UnetConfig;
  readonly text: ClipTextConfig;
  readonly rows: TokenRows;
}

export interface BaseOptions {
  readonly model: BaseModel;
  readonly data: LatentSet;
  readonly tokenise: Tokenise;
  /** Of every training timestep. */
  readonly alphaBar: Float64Array;
  readonly prediction: PredictionType;
  readonly batch: number;
  readonly iterations: number;
  readonly seed: number;
  readonly learningRate: LearningRate;
  readonly captions?: CaptionOptions;
  /** Part of the captions that get unknown words; default 0.2. */
  readonly unknown?: number;
  /** How much more often noisy timesteps are drawn: their density is proportional to t^power; default 0, all alike. */
  readonly timestepPower?: number;
  /** Gamma of min-SNR weights; undefined: all pictures weigh the same. */
  readonly minSnr?: number;
  readonly optimiser?: Partial<TrainStepOptions>;
  /** Weights to go on from; default fresh ones. */
  readonly start?: Float32Array;
}

export const BASE_OPTIMISER: TrainStepOptions = {
  beta1: 0.9,
  beta2: 0.99,
  epsilon: 1e-8,
  weightDecay: 0.01,
  clip: 1,
  average: 0.999,
};

/** Both networks' weights in one vector. */
export function baseLayout({ unet: config, text, rows }: BaseModel): FlatLayout {
  const shape = { batch: 1, height: 8, width: 8, tokens: text.positions };
  const tower = prune(clipText(text, { batch: 1, tokens: text.positions, skip: 1, normed: true, pooled: false }));
  return flatLayout([
    ...unet(config, shape).weights.map((weight) => ({ ...weight, id: UNET + weight.id })),
    ...tower.weights.map((weight) => ({ ...weight, id: TEXT + weight.id })),
    { id: TEXT + TOKEN_TABLE, shape: [rows.ids.length, text.width] },
  ]);
}

/** First values: each network by its own rules. */
export function baseWeights(layout: FlatLayout, seed: number): Float32Array {
  const unetValues = initialWeights(layout, "unet", seed);
  const textValues = initialWeights(layout, "text", seed);
  return packFlat(layout, (entry) => viewOf(entry.name.startsWith(UNET) ? unetValues : textValues, entry));
}

const COLUMNS = ["a", "s", "weight"] as const;

/** Inputs: latents, noise, columns, time_features, tokens. Outputs: loss, and errors [N], each picture's unweighted mean squared error. */
function objective(options: BaseOptions): {
  readonly graph: Graph;
  readonly conditioning: ReturnType<typeof tokenConditioning>;
} {
  const { model, data, batch, prediction, tokenise, unknown = 0.2 } = options;
  const conditioning = tokenConditioning({
    text: model.text,
    rows: model.rows,
    tokenise,
    nameOf: (id) => TEXT + id,
    unknown,
  });
  const b = new GraphBuilder("base");
  const latents = b.input("latents", [batch, ...data.shape]);
  const noise = b.input("noise", [batch, ...data.shape]);
  const column = columnOf(b, b.input("columns", [batch, COLUMNS.length]), COLUMNS);
  const timeFeatures = b.input("time_features", [batch, model.unet.down[0]!.channels]);
  const { context } = conditioning.build(b, batch, false);
  const level = { a: column("a"), s: column("s") };
  const sample = noised(b, latents, noise, level);
  const network = unetNetwork(model.unet, (id) => UNET + id);
  const output = network(b, "student", { sample, timeFeatures, context });
  const errors = squaredError(b, output, predictionTarget(b, prediction, latents, noise, level));
  const weights = b.op("Reshape", [column("weight")], { shape: [batch] });
  const loss = batchMean(b, b.op("Mul", [errors, weights]));
  return {
    graph: b.finish([
      { name: "loss", value: loss },
      { name: "errors", value: errors },
    ]),
    conditioning,
  };
}

export function baseRecipe(options: BaseOptions): Recipe {
  const { model, data, alphaBar, batch, iterations, seed, prediction, minSnr, captions, timestepPower = 0 } = options;
  const optimiser = { ...BASE_OPTIMISER, ...options.optimiser };
  const layout = baseLayout(model);
  const { graph, conditioning } = objective(options);
  const trained = { name: "base", layout, prefix: "", loss: "loss", options: optimiser };
  const program = trainStep(graph, [trained], []);
  const initial = initialState("base", options.start ?? baseWeights(layout, seed), optimiser);
  const order = shuffledOrder(data.count, seed);
  const width = model.unet.down[0]!.channels;
  return {
    name: "base",
    seed,
    iterations,
    initial,
    state: [...initial.keys()],
    layouts: new Map([["base", layout]]),
    programs: [program],
    async iterate({ runner, index }): Promise<Metrics> {
      const random = randomStream(seed, "base", index);
      const indices = order.batch(index, batch);
      const timesteps = spreadTimesteps(alphaBar.length, batch, timestepPower, random);
      const rows = timesteps.map((t) => {
        const bar = alphaBar[t]!;
        const weight = minSnr === undefined ? 1 : minSnrWeight(prediction, bar, minSnr);
        return { a: Math.sqrt(bar), s: Math.sqrt(1 - bar), weight };
      });
      const texts = indices.map((i) => variedCaption(data.caption(i), random, captions));
      const learningRate = learningRateAt(options.learningRate, index, iterations);
      const answers = await runner.run(program, {
        latents: latentFeed(data, indices),
        noise: noiseFeed(data, batch, random),
        columns: columnFeed(COLUMNS, rows),
        time_features: timeFeed(timesteps, width),
        ...conditioning.feed(texts, false, random),
        ...hyperFeed(trained, index, learningRate),
      });
      return {
        ...lossAndNorm(answers, trained.name),
        learningRate,
        ...errorsByLevel(answers.errors!.data as Float32Array),
      };
    },
  };
}

/** Mean error of the first and the last quarter of the timesteps: pictures lie in the order of their timesteps. */
function errorsByLevel(errors: Float32Array): { readonly lowNoise: number; readonly highNoise: number } {
  const quarter = Math.max(1, Math.floor(errors.length / 4));
  const mean = (part: Float32Array) => part.reduce((sum, x) => sum + x, 0) / part.length;
  return { lowNoise: mean(errors.subarray(0, quarter)), highNoise: mean(errors.subarray(-quarter)) };
}
