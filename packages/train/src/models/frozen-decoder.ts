// A trained autoencoder's way back to pictures, as a part of an objective: its latents have a gradient, its weights have none.
import { type GraphBuilder, type VaeConfig, type Value, vaeDecoder } from "@fewstep/core";
import type { FlatLayout } from "../flat/layout.js";
import type { Source } from "../program/sources.js";
import { includeNamed } from "./network.js";

/** What an objective reads beside the networks that it trains. */
export interface FrozenPart {
  readonly sources: readonly Source[];
  /** First values of the sources' residents. */
  readonly residents: ReadonlyMap<string, Float32Array>;
}

export interface FrozenDecoder extends FrozenPart {
  /** Normalised latents [N, C, h, w] -> pictures [N, 3, 8h, 8w] in about [-1, 1], not clamped. `tag` keeps several calls apart. */
  decode(b: GraphBuilder, tag: string, latents: Value): Value;
}

const RESIDENT = "decoder";
const PREFIX = "decoder:";

/**
 * @param layout of `vector`: a whole autoencoder's (vaeLayout), by canonical names
 * @param scalingFactor latents are divided by it before they are decoded
 */
export function frozenDecoder(
  {
    config,
    layout,
    vector,
  }: { readonly config: VaeConfig; readonly layout: FlatLayout; readonly vector: Float32Array },
  scalingFactor: number,
): FrozenDecoder {
  return {
    decode(b, tag, latents) {
      const [batch, , height, width] = latents.shape as [number, number, number, number];
      const scaled = b.op("Affine", [latents], { scale: 1 / scalingFactor, shift: 0 });
      const graph = vaeDecoder(config, { batch, height, width });
      return includeNamed(b, graph, { latents: scaled }, (id) => PREFIX + id, tag).get("image")!;
    },
    sources: [{ resident: RESIDENT, layout, prefix: PREFIX }],
    residents: new Map([[RESIDENT, vector]]),
  };
}
