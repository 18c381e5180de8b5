// First values of every weight, by the last parts of its name. PyTorch's defaults (uniform within 1/sqrt(fan in)) where Stable Diffusion's
// code keeps them, zeros for the last layer of each residual branch of UNet and autoencoder (Dhariwal and Nichol 2021), OpenAI CLIP's normals for text.
import { elements, type FlatEntry, type FlatLayout, packFlat } from "../flat/layout.js";
import { type RandomStream, randomStream } from "../optim/random-stream.js";

type Fill = (entry: FlatEntry, random: RandomStream) => Float32Array;

const filled =
  (value: number): Fill =>
  ({ size }) =>
    new Float32Array(size).fill(value);

const normal =
  (deviation: number): Fill =>
  ({ size }, random) =>
    Float32Array.from({ length: size }, () => deviation * random.normal());

const uniform: Fill = ({ shape, size }, random) => {
  const bound = 1 / Math.sqrt(elements(shape.slice(1)));
  return Float32Array.from({ length: size }, () => bound * (2 * random.uniform() - 1));
};

/** The encoder's last bias [mean, log-variance]: little noise at first, so that pictures pass before the divergence weighs their codes. */
const posterior: Fill = ({ size }) => Float32Array.from({ length: size }, (_, i) => (i < size / 2 ? 0 : -6));

type Rule = readonly [pattern: RegExp, fill: Fill];

const NORMS: readonly Rule[] = [
  [/norm\w*\.weight$/, filled(1)],
  [/\.bias$/, filled(0)],
];

/** The first rule whose pattern fits decides; the last one fits all. */
const RULES = {
  unet: [...NORMS, [/(^|\.)(conv_out|conv2|proj_out)\.weight$/, filled(0)], [/./, uniform]],
  vae: [[/^quant_conv\.bias$/, posterior], ...NORMS, [/(conv2|to_out\.0)\.weight$/, filled(0)], [/./, uniform]],
  text: [
    ...NORMS,
    [/token_embedding\.weight$/, normal(0.02)],
    [/position_embedding\.weight$/, normal(0.01)],
    [/./, uniform],
  ],
  lora: [
    [/lora_up\.weight$/, filled(0)],
    [/./, uniform],
  ],
  discriminator: [...NORMS, [/./, uniform]],
} as const satisfies Readonly<Record<string, readonly Rule[]>>;

export type NetworkKind = keyof typeof RULES;

/** A flat vector of first values; every weight draws from a stream of its own name. */
export function initialWeights(layout: FlatLayout, kind: NetworkKind, seed: number): Float32Array {
  return packFlat(layout, (entry) => {
    const [, fill] = RULES[kind].find(([pattern]) => pattern.test(entry.name))!;
    return fill(entry, randomStream(seed, entry.name, 0));
  });
}
