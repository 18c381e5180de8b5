// CLIP's vision transformer (Radford et al. 2021, section 2.4; Dosovitskiy et al. 2021): patches, a class token, layers without a mask, and
// the class token's state projected into the space that texts share. Names as in transformers' CLIPVisionModelWithProjection.
import { GraphBuilder } from "../graph/builder.js";
import type { Graph, Value } from "../graph/graph.js";
import { conv, layerNorm, linear, toSequence } from "./blocks/layers.js";

export interface ClipVisionConfig {
  readonly width: number;
  readonly layers: number;
  readonly heads: number;
  readonly activation: "QuickGelu" | "Gelu";
  readonly feedForward: number;
  /** Side of a patch in pixels. */
  readonly patch: number;
  /** Side of the square picture in pixels. */
  readonly size: number;
  readonly projectionWidth: number;
}

function layer(b: GraphBuilder, { width, heads, activation, feedForward }: ClipVisionConfig, x: Value): Value {
  const h = layerNorm(b, "layer_norm1", x);
  const attended = b.module("self_attn", () => {
    const [q, k, v] = ["q_proj", "k_proj", "v_proj"].map((name) => linear(b, name, h, width));
    return linear(b, "out_proj", b.op("Attention", [q, k, v], { heads, causal: false }), width);
  });
  const sum = b.op("Add", [x, attended]);
  const normed = layerNorm(b, "layer_norm2", sum);
  const fed = b.module("mlp", () => linear(b, "fc2", b.op(activation, [linear(b, "fc1", normed, feedForward)]), width));
  return b.op("Add", [sum, fed]);
}

/** Input: pixels [1, 3, size, size], normalised as clipPixels does. Output: embedded [1, projectionWidth], of any length. */
export function clipVision(config: ClipVisionConfig): Graph {
  const { width, patch, size, layers, projectionWidth } = config;
  const b = new GraphBuilder("clip-vision");
  const pixels = b.input("pixels", [1, 3, size, size]);
  const places = (size / patch) ** 2;
  const state = b.scope("vision_model", () => {
    const patches = b.module("embeddings", () =>
      toSequence(
        b,
        conv(b, "patch_embedding", pixels, width, { kernel: patch, stride: patch, pads: [0, 0, 0, 0], bias: false }),
      ),
    );
    const token = b.op("Reshape", [b.weight("embeddings.class_embedding", [width])], { shape: [1, 1, width] });
    const positions = b.weight("embeddings.position_embedding.weight", [places + 1, width]);
    // the typing error is part of the published names
    let x = layerNorm(b, "pre_layrnorm", b.op("Add", [b.op("Concat", [token, patches], { axis: 1 }), positions]));
    for (let i = 0; i < layers; i++) x = b.module(`encoder.layers.${i}`, () => layer(b, config, x));
    const first = b.op("Reshape", [b.op("Slice", [x], { axis: 1, start: 0, end: 1 })], { shape: [1, width] });
    return layerNorm(b, "post_layernorm", first);
  });
  return b.finish([{ name: "embedded", value: linear(b, "visual_projection", state, projectionWidth, false) }]);
}
