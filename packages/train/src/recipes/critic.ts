// Discriminators bound to a base network: what they see is the UNet's features of a noised latent, what is trained is "critic:".
import { type GraphBuilder, prune, type UnetShape, type Value } from "@fewstep/core";
import { elements, type FlatLayout, flatLayout, packFlat, viewOf } from "../flat/layout.js";
import { gradientPenalty } from "../losses/gradient-penalty.js";
import { blockHeads, blockNames, featureNetwork, middleHead } from "../models/discriminator.js";
import { initialWeights } from "../models/initial-weights.js";
import { type DenoiserInputs, includeNamed } from "../models/network.js";
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

const prefixedFeatures = (name: string): string => `block:${name}`;

/** Small heads on every block of the frozen base (Phased Consistency Model; latent ADD). */
export function headsCritic({ unet, nameOf }: DistillBase, latent: readonly [number, number, number]): Critic {
  const blocks = blockNames(unet);
  const example = featureNetwork(unet, { batch: 1, height: latent[1], width: latent[2], tokens: 1 }, blocks);
  const layout = flatLayout(blockHeads(new Map(example.outputs.map(({ name, value }) => [name, value.shape]))).weights);
  const see = (b: GraphBuilder, tag: string, inputs: DenoiserInputs) =>
    includeNamed(b, featureNetwork(unet, shapeOf(inputs), blocks), feedsOf(inputs), nameOf, `${tag}:features`);
  const headsOf = (features: ReadonlyMap<string, Value>) => {
    const named = [...features].map(([name, value]) => [prefixedFeatures(name), value] as const);
    // the heads' weights are named after the blocks, their inputs apart from them
    const graph = blockHeads(new Map(named.map(([name, value]) => [name, value.shape])));
    return { graph, feeds: Object.fromEntries(named) };
  };
  const criticName = (id: string): string => ownName(id.replace("block:", ""));
  return {
    layout,
    initial: (seed) => initialWeights(layout, "discriminator", seed),
    judge(b, tag, inputs) {
      const { graph, feeds } = headsOf(see(b, tag, inputs));
      return includeNamed(b, graph, feeds, criticName, `${tag}:heads`).get("logits")!;
    },
    penalty(b, tag, inputs) {
      const { graph, feeds } = headsOf(see(b, tag, inputs));
      return gradientPenalty(b, graph, feeds, criticName, `${tag}:penalty`);
    },
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
