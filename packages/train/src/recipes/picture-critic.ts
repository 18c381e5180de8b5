// Adversarial diffusion distillation's own critic (Sauer et al. 2023, section 3.2): a frozen network that learned from pictures looks at decoded
// pictures, and small trained heads on its feature maps, told the prompt, say which are real.
import type { GraphBuilder, Value } from "@fewstep/core";
import type { FrozenDecoder, FrozenPart } from "../models/frozen-decoder.js";
import { initialWeights } from "../models/initial-weights.js";
import { CRITIC, type Critic } from "./critic.js";
import { mapHeads } from "./critic-heads.js";

export interface PictureNetwork extends FrozenPart {
  /** Feature maps [N, C, h, w] of pictures [N, 3, s, s], by name. */
  see(b: GraphBuilder, tag: string, pictures: Value): ReadonlyMap<string, Value>;
  /** Shapes of these maps, of any batch. */
  readonly maps: ReadonlyMap<string, readonly number[]>;
}

/** Judges a clean x0, as a picture; its `judge` and `penalty` read no noise level. */
export interface PictureCritic extends Critic, FrozenPart {
  decode(b: GraphBuilder, tag: string, x0: Value): Value;
}

/** Channels in which a head compares a place with the prompt, as StyleGAN-T's. */
const CONDITION_CHANNELS = 64;

/** @param contextWidth of the text states: their mean over the tokens is what the heads are told */
export function pictureCritic(decoder: FrozenDecoder, network: PictureNetwork, contextWidth: number): PictureCritic {
  const heads = mapHeads(network.maps, (id) => CRITIC + id, { width: contextWidth, channels: CONDITION_CHANNELS });
  const see = (b: GraphBuilder, tag: string, x0: Value) => network.see(b, tag, decoder.decode(b, `${tag}:decode`, x0));
  const prompt = (b: GraphBuilder, context: Value) => b.op("ReduceMean", [context], { axes: [1], keepDims: false });
  return {
    layout: heads.layout,
    initial: (seed) => initialWeights(heads.layout, "discriminator", seed),
    decode: (b, tag, x0) => decoder.decode(b, tag, x0),
    judge: (b, tag, { sample, context }) => heads.logits(b, tag, see(b, tag, sample), prompt(b, context)),
    penalty: (b, tag, { sample, context }) => heads.penalty(b, tag, see(b, tag, sample), prompt(b, context)),
    sources: [...decoder.sources, ...network.sources],
    residents: new Map([...decoder.residents, ...network.residents]),
  };
}
