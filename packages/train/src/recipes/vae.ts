// Trains the KL autoencoder from nothing on random crops: encode, sample, decode, compare (Kingma and Welling 2014; Rombach et al. 2022).
import { type Graph, GraphBuilder, type Tensor, type VaeConfig, vaeDecoder, vaeEncoder } from "@fewstep/core";
import type { Bucket } from "../data/buckets.js";
import { shuffledOrder } from "../data/order.js";
import type { Picture, PictureSource } from "../data/picture-source.js";
import { elements, type FlatLayout, flatLayout } from "../flat/layout.js";
import { edgeError, klDivergence, pictureError } from "../losses/autoencoder.js";
import { batchMean, squaredError } from "../losses/elementwise.js";
import { initialWeights } from "../models/initial-weights.js";
import { includeNamed } from "../models/network.js";
import { type LearningRate, learningRateAt } from "../optim/learning-rate.js";
import { type RandomStream, randomStream } from "../optim/random-stream.js";
import { hyperFeed, type TrainStepOptions, trainStep } from "../program/train-step.js";
import { lossAndNorm } from "./loss-and-norm.js";
import { initialState, type Metrics, type Recipe } from "./recipe.js";

export interface VaeOptions {
  readonly config: VaeConfig;
  readonly data: PictureSource;
  /** Pixels of a crop's side, a multiple of 8. */
  readonly crop: number;
  readonly batch: number;
  readonly iterations: number;
  readonly seed: number;
  readonly learningRate: LearningRate;
  /** Weight of the slopes' error; default 1. */
  readonly edges?: number;
  /** Weight of the divergence; default 1e-6, as Stable Diffusion's. */
  readonly divergence?: number;
  readonly optimiser?: Partial<TrainStepOptions>;
  readonly start?: Float32Array;
}

export const VAE_OPTIMISER: TrainStepOptions = {
  beta1: 0.9,
  beta2: 0.99,
  epsilon: 1e-8,
  weightDecay: 0,
  clip: 1,
  average: 0.999,
};

/** Encoder and decoder in one vector, by their canonical names. */
export function vaeLayout(config: VaeConfig): FlatLayout {
  const encoder = vaeEncoder(config, { batch: 1, height: 16, width: 16 });
  const decoder = vaeDecoder(config, { batch: 1, height: 2, width: 2 });
  return flatLayout([...encoder.weights, ...decoder.weights]);
}

/** Inputs: pictures [N, 3, c, c] in [-1, 1], noise [N, 4, c/8, c/8]. Outputs: loss, error (mean squared). */
function objective({ config, crop, batch, edges = 1, divergence = 1e-6 }: VaeOptions): Graph {
  const b = new GraphBuilder("vae");
  const edge = crop / 8;
  const image = b.input("pictures", [batch, config.pictureChannels, crop, crop]);
  const noise = b.input("noise", [batch, config.latentChannels, edge, edge]);
  const same = (id: string) => id;
  const encoder = vaeEncoder(config, { batch, height: crop, width: crop });
  const encoded = includeNamed(b, encoder, { image }, same, "encode");
  const [mean, logvar] = [encoded.get("mean")!, encoded.get("logvar")!];
  const deviation = b.op("Exp", [b.op("Affine", [logvar], { scale: 0.5, shift: 0 })]);
  const latents = b.op("Add", [mean, b.op("Mul", [deviation, noise])]);
  const decoder = vaeDecoder(config, { batch, height: edge, width: edge });
  const decoded = includeNamed(b, decoder, { latents }, same, "decode").get("image")!;
  const terms = [
    pictureError(b, decoded, image),
    b.op("Affine", [edgeError(b, decoded, image)], { scale: edges, shift: 0 }),
    b.op("Affine", [klDivergence(b, mean, logvar)], { scale: divergence, shift: 0 }),
  ];
  const loss = batchMean(b, b.op("Add", [b.op("Add", [terms[0], terms[1]]), terms[2]]));
  return b.finish([
    { name: "loss", value: loss },
    { name: "error", value: batchMean(b, squaredError(b, decoded, image)) },
  ]);
}

/** Random crops, half of them mirrored, as [N, 3, c, c] in [-1, 1]. */
export function cropFeed(
  pictures: readonly Picture[],
  { width, height }: Bucket,
  crop: number,
  random: RandomStream,
): Tensor {
  const data = new Float32Array(pictures.length * 3 * crop * crop);
  pictures.forEach(({ pixels }, n) => {
    const [left, top] = [random.below(width - crop + 1), random.below(height - crop + 1)];
    const mirrored = random.uniform() < 0.5;
    for (let y = 0; y < crop; y++) {
      for (let x = 0; x < crop; x++) {
        const from = ((top + y) * width + left + (mirrored ? crop - 1 - x : x)) * 3;
        const to = (n * 3 * crop + y) * crop + x;
        for (let c = 0; c < 3; c++) data[to + c * crop * crop] = pixels[from + c]! / 127.5 - 1;
      }
    }
  });
  return { dtype: "f32", shape: [pictures.length, 3, crop, crop], data };
}

/** An iteration's pictures [N, 3, c, c] and noise [N, 4, c/8, c/8], drawn in this order. */
export async function cropBatch(
  { config, data, crop, batch }: Pick<VaeOptions, "config" | "data" | "crop" | "batch">,
  indices: readonly number[],
  random: RandomStream,
): Promise<{ readonly pictures: Tensor; readonly noise: Tensor }> {
  const taken = await Promise.all(indices.map((i) => data.picture(i)));
  const pictures = cropFeed(taken, data, crop, random);
  const shape = [batch, config.latentChannels, crop / 8, crop / 8];
  return { pictures, noise: { dtype: "f32", shape, data: random.normals(elements(shape)) } };
}

/** Peak signal to noise, in dB, of a mean squared error: pictures span 2, so 10 log10(4 / error). */
export const psnrOf = (error: Tensor): number => 10 * Math.log10(4 / Number(error.data[0]));

export function vaeRecipe(options: VaeOptions): Recipe {
  const { config, data, batch, iterations, seed } = options;
  const optimiser = { ...VAE_OPTIMISER, ...options.optimiser };
  const layout = vaeLayout(config);
  const trained = { name: "vae", layout, prefix: "", loss: "loss", options: optimiser };
  const program = trainStep(objective(options), [trained], []);
  const start = options.start ?? initialWeights(layout, "vae", seed);
  const initial = initialState("vae", start, optimiser);
  const order = shuffledOrder(data.count, seed);
  return {
    name: "vae",
    seed,
    iterations,
    initial,
    state: [...initial.keys()],
    layouts: new Map([["vae", layout]]),
    programs: [program],
    async iterate({ runner, index }): Promise<Metrics> {
      const random = randomStream(seed, "vae", index);
      const learningRate = learningRateAt(options.learningRate, index, iterations);
      const answers = await runner.run(program, {
        ...(await cropBatch(options, order.batch(index, batch), random)),
        ...hyperFeed(trained, index, learningRate),
      });
      return { ...lossAndNorm(answers, trained.name), learningRate, psnr: psnrOf(answers.error!) };
    },
  };
}
