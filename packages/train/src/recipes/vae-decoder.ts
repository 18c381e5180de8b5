// Goes on with an autoencoder's decoder and leaves its encoder, so that what models learned of its latents stays right (as Stability's
// fine-tuned decoders did). A patch discriminator may say which crops are drawn and which decoded: errors a pixel alone leave outlines soft.
//   decoder = |d| + d^2 + slopes + lambda -D(decoded),  discriminator = hinge
import { type Graph, GraphBuilder, type VaeConfig, vaeDecoder, vaeEncoder } from "@fewstep/core";
import { shuffledOrder } from "../data/order.js";
import { type FlatLayout, flatLayout, packFlat, unpackFlat } from "../flat/layout.js";
import { adversarialLosses } from "../losses/adversarial.js";
import { edgeError, pictureError } from "../losses/autoencoder.js";
import { batchMean, squaredError } from "../losses/elementwise.js";
import { patchDiscriminator } from "../models/discriminator.js";
import { initialWeights } from "../models/initial-weights.js";
import { includeNamed } from "../models/network.js";
import { learningRateAt } from "../optim/learning-rate.js";
import { randomStream } from "../optim/random-stream.js";
import { FROZEN } from "../program/sources.js";
import { hyperFeed, type Trained, type TrainStepOptions, trainStep } from "../program/train-step.js";
import { lossAndNorm } from "./loss-and-norm.js";
import { initialState, type Metrics, type Recipe } from "./recipe.js";
import { cropBatch, psnrOf, VAE_OPTIMISER, type VaeOptions, vaeLayout } from "./vae.js";

export interface VaeDecoderOptions extends Omit<VaeOptions, "divergence" | "start"> {
  /** A whole autoencoder, by vaeLayout. */
  readonly start: Float32Array;
  /** Lambda; default 0: no discriminator. */
  readonly patchWeight?: number;
  /**
   * Most noise on a picture's latents, as a standard deviation; default 0. What a model samples lies beside what the encoder gives: a
   * decoder that never saw that draws it as texture.
   */
  readonly latentNoise?: number;
}

/** Channels of the discriminator's first layer. */
const PATCH_WIDTH = 32;
const PATCHES = "patches:";
const PATCH_OPTIMISER: Partial<TrainStepOptions> = { beta1: 0.5, average: undefined };

/** The resident that stays: the whole autoencoder that training started from. */
export const START = "start";
export const DECODER = "decoder";

export function vaeDecoderLayout(config: VaeConfig): FlatLayout {
  return flatLayout(vaeDecoder(config, { batch: 1, height: 2, width: 2 }).weights);
}

/** The whole autoencoder with another decoder in it. */
export function withDecoder(config: VaeConfig, start: Float32Array, decoder: Float32Array): Float32Array {
  const [whole, part] = [vaeLayout(config), vaeDecoderLayout(config)];
  const [kept, changed] = [unpackFlat(whole, start), unpackFlat(part, decoder)];
  return packFlat(whole, ({ name }) => changed.get(name) ?? kept.get(name)!);
}

/**
 * Inputs: pictures [N, 3, c, c] in [-1, 1], noise [N, 4, c/8, c/8], its amounts [N, 1, 1, 1] beside the encoder's own deviation.
 * Outputs: loss, error (mean squared), critic with a discriminator.
 */
function objective({ config, crop, batch, edges = 1, patchWeight = 0 }: VaeDecoderOptions): Graph {
  const b = new GraphBuilder("vae-decoder");
  const edge = crop / 8;
  const image = b.input("pictures", [batch, config.pictureChannels, crop, crop]);
  const noise = b.input("noise", [batch, config.latentChannels, edge, edge]);
  const amounts = b.input("amounts", [batch, 1, 1, 1]);
  const encoder = vaeEncoder(config, { batch, height: crop, width: crop });
  const encoded = includeNamed(b, encoder, { image }, (id) => FROZEN + id, "encode");
  const deviation = b.op("Exp", [b.op("Affine", [encoded.get("logvar")!], { scale: 0.5, shift: 0 })]);
  const moved = b.op("Mul", [b.op("Add", [deviation, amounts]), noise]);
  const latents = b.op("Add", [encoded.get("mean")!, moved]);
  const decoder = vaeDecoder(config, { batch, height: edge, width: edge });
  const decoded = includeNamed(b, decoder, { latents }, (id) => id, "decode").get("image")!;
  const slopes = b.op("Affine", [edgeError(b, decoded, image)], { scale: edges, shift: 0 });
  const compared = batchMean(b, b.op("Add", [pictureError(b, decoded, image), slopes]));
  const error = { name: "error", value: batchMean(b, squaredError(b, decoded, image)) };
  if (patchWeight === 0) return b.finish([{ name: "loss", value: compared }, error]);
  const judge = (tag: string, pictures: typeof image) => {
    const graph = patchDiscriminator([batch, config.pictureChannels, crop, crop], PATCH_WIDTH);
    return includeNamed(b, graph, { pictures }, (id) => PATCHES + id, tag).get("logits")!;
  };
  const { generator, discriminator } = adversarialLosses.hinge;
  const fake = judge("fake", decoded);
  const pull = b.op("Affine", [generator(b, fake)], { scale: patchWeight, shift: 0 });
  return b.finish([
    { name: "loss", value: b.op("Add", [compared, pull]) },
    error,
    { name: "critic", value: discriminator(b, judge("real", image), fake) },
  ]);
}

export function vaeDecoderRecipe(options: VaeDecoderOptions): Recipe {
  const { config, data, crop, batch, iterations, seed, start, patchWeight = 0, latentNoise = 0 } = options;
  const optimiser = { ...VAE_OPTIMISER, ...options.optimiser };
  const layout = vaeDecoderLayout(config);
  const decoder: Trained = { name: DECODER, layout, prefix: "", loss: "loss", options: optimiser };
  const patches = flatLayout(patchDiscriminator([1, config.pictureChannels, crop, crop], PATCH_WIDTH).weights);
  const critics: readonly Trained[] =
    patchWeight === 0
      ? []
      : [
          {
            name: "patches",
            layout: patches,
            prefix: PATCHES,
            loss: "critic",
            options: { ...optimiser, ...PATCH_OPTIMISER },
          },
        ];
  const program = trainStep(
    objective(options),
    [decoder, ...critics],
    [{ resident: START, layout: vaeLayout(config), prefix: FROZEN }],
  );
  const whole = unpackFlat(vaeLayout(config), start);
  const state = new Map([
    ...initialState(
      DECODER,
      packFlat(layout, ({ name }) => whole.get(name)!),
      optimiser,
    ),
    ...critics.flatMap((one) => [
      ...initialState(one.name, initialWeights(one.layout, "discriminator", seed), one.options),
    ]),
  ]);
  const order = shuffledOrder(data.count, seed);
  return {
    name: "vae-decoder",
    seed,
    iterations,
    initial: new Map([...state, [START, start]]),
    state: [...state.keys()],
    layouts: new Map([[DECODER, layout]]),
    programs: [program],
    async iterate({ runner, index }): Promise<Metrics> {
      const random = randomStream(seed, "vae-decoder", index);
      const learningRate = learningRateAt(options.learningRate, index, iterations);
      const answers = await runner.run(program, {
        ...(await cropBatch(options, order.batch(index, batch), random)),
        amounts: {
          dtype: "f32",
          shape: [batch, 1, 1, 1],
          data: Float32Array.from({ length: batch }, () => latentNoise * random.uniform()),
        },
        ...Object.assign({}, ...[decoder, ...critics].map((one) => hyperFeed(one, index, learningRate))),
      });
      const critic = answers.critic === undefined ? {} : { critic: Number(answers.critic.data[0]) };
      return { ...lossAndNorm(answers, DECODER), ...critic, learningRate, psnr: psnrOf(answers.error!) };
    },
  };
}
