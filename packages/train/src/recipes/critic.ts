// Discriminators bound to a base network: what they see is the UNet's features of a noised latent, what is trained is "critic:".
import { type GraphBuilder, prune, type UnetShape, type Value } from "@fewstep/core";
import { elements, type FlatLayout, flatLayout, packFlat, viewOf } from "../flat/layout.js";
import { blockNames, featureNetwork, middleHead } from "../models/discriminator.js";
import { initialWeights } from "../models/initial-weights.js";
import { type DenoiserInputs, includeNamed } from "../models/network.js";
import { mapHeads } from "./critic-heads.js";
import type { DistillBase } from "./distillation.js";

export const CRITIC = "critic:";

const ownName = (id: string): string => CRITIC + id;

export interface Critic {
  readonly layout: FlatLayout;
  initial(seed: number): Float32Array;
  /** Logits [N] of latents at their noise level; `beside` is the state they came from, for a conditional critic. */
  judge(b: GraphBuilder, tag: string, inputs: DenoiserInputs, beside?: DenoiserInputs): Value;
  /** R1 on what the heads see; undefined where everything is trained and the penalty is not used. */
  penalty?(b: GraphBuilder, tag: string, inputs: DenoiserInputs): Value;
}

const shapeOf = ({ sample, context }: DenoiserInputs): UnetShape => {
  const [batch, , height, width] = sample.shape as [number, number, number, number];
  return { batch, height, width, tokens: context.shape[1]! };
};

const feedsOf = ({ sample, timeFeatures, context }: DenoiserInputs): Readonly<Record<string, Value>> => ({
  sample,
  time_features: timeFeatures,
  context,
});

/** Small heads on every block of the frozen base (Phased Consistency Model; latent ADD). */
export function headsCritic({ unet, nameOf }: DistillBase, latent: readonly [number, number, number]): Critic {
  const blocks = blockNames(unet);
  const example = featureNetwork(unet, { batch: 1, height: latent[1], width: latent[2], tokens: 1 }, blocks);
  const heads = mapHeads(new Map(example.outputs.map(({ name, value }) => [name, value.shape])), ownName);
  const see = (b: GraphBuilder, tag: string, inputs: DenoiserInputs) =>
    includeNamed(b, featureNetwork(unet, shapeOf(inputs), blocks), feedsOf(inputs), nameOf, `${tag}:features`);
  return {
    layout: heads.layout,
    initial: (seed) => initialWeights(heads.layout, "discriminator", seed),
    judge: (b, tag, inputs) => heads.logits(b, tag, see(b, tag, inputs)),
    penalty: (b, tag, inputs) => heads.penalty(b, tag, see(b, tag, inputs)),
  };
}

/**
 * The base's way down and middle, trained from a copy, and one head (SDXL-Lightning section 3.2). A conditional critic sees the state the
 * prediction came from beside it: both middles are stacked.
 * @param copy the base's weights by canonical name
 */
export function encoderCritic(
  { unet }: DistillBase,
  latent: readonly [number, number, number],
  conditional: boolean,
  copy: (name: string) => Float32Array,
): Critic {
  const network = (shape: UnetShape) => prune(featureNetwork(unet, shape, ["mid_block"]));
  const example = network({ batch: 1, height: latent[1], width: latent[2], tokens: 1 });
  const [, channels, height, width] = example.outputs[0]!.value.shape as [number, number, number, number];
  const headOf = (batch: number) => middleHead([batch, conditional ? 2 * channels : channels, height, width], channels);
  const headPrefix = "head.";
  const layout = flatLayout([
    ...example.weights,
    ...headOf(1).weights.map((weight) => ({ ...weight, id: headPrefix + weight.id })),
  ]);
  const middle = (b: GraphBuilder, tag: string, inputs: DenoiserInputs): Value =>
    includeNamed(b, network(shapeOf(inputs)), feedsOf(inputs), ownName, tag).get("mid_block")!;
  return {
    layout,
    initial(seed) {
      const fresh = initialWeights(layout, "discriminator", seed);
      return packFlat(layout, (entry) => (entry.name.startsWith(headPrefix) ? viewOf(fresh, entry) : copy(entry.name)));
    },
    judge(b, tag, inputs, beside) {
      const own = middle(b, `${tag}:own`, inputs);
      const both =
        conditional && beside !== undefined
          ? b.op("Concat", [own, middle(b, `${tag}:beside`, beside)], { axis: 1 })
          : own;
      const head = headOf(elements(own.shape.slice(0, 1)));
      return includeNamed(b, head, { middle: both }, (id) => ownName(headPrefix + id), `${tag}:head`).get("logits")!;
    },
  };
}
