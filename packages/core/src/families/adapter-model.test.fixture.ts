// A model without bytes for tests of adapters: the parts that a checkpoint of a config would have, every weight where it cannot be read.

import type { Graph } from "../graph/graph.js";
import { type ClipTextConfig, clipText } from "../models/clip-text.js";
import { type UnetConfig, unet } from "../models/unet.js";
import { type LazyTensor, type Weights, weightsOf } from "../weights/weights.js";
import type { Parts } from "./parts.js";

const level = (channels: number, transformers: readonly number[], resample: boolean) => ({
  channels,
  transformers,
  resample,
});

/** SD1.5's and SDXL's structure at small widths. */
export const SMALL_UNETS = {
  sd15: {
    inChannels: 4,
    outChannels: 4,
    down: [level(32, [1, 1], true), level(64, [1, 1], true), level(64, [0, 0], false)],
    mid: { resnets: 2, transformers: [1] },
    up: [level(64, [0, 0, 0], true), level(64, [1, 1, 1], true), level(32, [1, 1, 1], false)],
    contextWidth: 768,
    attention: { heads: 8 },
    projection: "conv",
    timeWidth: 128,
    groups: 32,
  },
  sdxl: {
    inChannels: 4,
    outChannels: 4,
    down: [level(64, [0, 0], true), level(64, [2, 2], true), level(128, [3, 3], false)],
    mid: { resnets: 2, transformers: [3] },
    up: [level(128, [3, 3, 3], true), level(64, [2, 2, 2], true), level(64, [0, 0, 0], false)],
    contextWidth: 2048,
    attention: { headWidth: 64 },
    projection: "linear",
    timeWidth: 128,
    additionWidth: 256,
    groups: 32,
  },
  // fewer transformers than residual blocks, none in the middle
  pruned: {
    inChannels: 4,
    outChannels: 4,
    down: [level(32, [0], true), level(64, [1], false)],
    mid: { resnets: 1, transformers: [] },
    up: [level(64, [1, 0], true), level(32, [0, 0], false)],
    contextWidth: 768,
    attention: { heads: 8 },
    projection: "conv",
    timeWidth: 128,
    groups: 32,
  },
} as const satisfies Record<string, UnetConfig>;

export const SMALL_TEXT = {
  width: 64,
  layers: 2,
  heads: 1,
  activation: "Gelu",
  feedForward: 128,
  positions: 77,
  projectionWidth: 96,
  projectionLayout: "in-out",
} as const satisfies ClipTextConfig;

function weightsOfGraph(graph: Graph): Weights {
  const file = { name: "model.safetensors", blob: new Blob([]) };
  return weightsOf(
    graph.weights.map(({ id, shape }): readonly [string, LazyTensor] => [
      id,
      { name: id, dtype: "f16", shape, file, offset: 0, byteLength: 2 * shape.reduce((a, b) => a * b, 1) },
    ]),
  );
}

export function smallModel(config: UnetConfig, encoders: number): Parts {
  const graph = unet(config, { batch: 1, height: 8, width: 8, tokens: 77 });
  const text = clipText(SMALL_TEXT, { batch: 1, tokens: 77, skip: 1, normed: true, pooled: true });
  return {
    unet: { config, weights: weightsOfGraph(graph) },
    text: Array.from({ length: encoders }, () => ({
      kind: "openclip",
      config: SMALL_TEXT,
      weights: weightsOfGraph(text),
    })),
    unclaimed: [],
    ignored: [],
  };
}
