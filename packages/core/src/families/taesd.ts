// Recognises TAESD files: the original encoder and decoder (one file each, plain indices) and the diffusers layout (both in one).
import type { TaesdConfig } from "../models/taesd.js";
import { type LazyTensor, type Weights, weightsOf } from "../weights/weights.js";

export interface TaesdPart {
  readonly config: TaesdConfig;
  readonly weights: Weights;
  readonly encoder: boolean;
  readonly decoder: boolean;
}

/** The original decoder counts a clamp that has no weights as its layer 0. */
const ORIGINAL = [
  { side: "encoder", first: "0.weight", shift: 0, inputs: 3 },
  { side: "decoder", first: "1.weight", shift: -1, inputs: 4 },
] as const;

/** TAESD's weights under canonical names, or undefined if this file holds none. */
export function taesdPart(file: Weights): TaesdPart | undefined {
  const encoder = file.get("encoder.layers.0.weight");
  const decoder = file.get("decoder.layers.0.weight");
  if (encoder !== undefined || decoder !== undefined) {
    const config = { channels: (encoder ?? decoder)!.shape[0]!, latentChannels: decoder?.shape[1] ?? 4 };
    return { config, weights: file, encoder: encoder !== undefined, decoder: decoder !== undefined };
  }
  for (const { side, first, shift, inputs } of ORIGINAL) {
    const tensor = file.get(first);
    if (tensor?.shape.length !== 4 || tensor.shape[1] !== inputs || !file.has("3.conv.0.weight")) continue;
    const entries = [...file.names].map((name): [string, LazyTensor] => {
      const [index, ...rest] = name.split(".");
      return [`${side}.layers.${Number(index) + shift}.${rest.join(".")}`, file.get(name)!];
    });
    return {
      config: { channels: tensor.shape[0]!, latentChannels: 4 },
      weights: weightsOf(entries),
      encoder: side === "encoder",
      decoder: side === "decoder",
    };
  }
  return undefined;
}
