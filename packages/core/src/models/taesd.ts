// TAESD, the tiny autoencoder (madebyollin/taesd, MIT): a stack of 64-channel blocks, numbered in one sequence.
// Names are those of the diffusers layout (encoder.layers.N, decoder.layers.N). Pictures here are in [-1, 1], as everywhere in
// fewstep; the original files work on [0, 1].
import { GraphBuilder } from "../graph/builder.js";
import type { Graph, Value } from "../graph/graph.js";
import { conv } from "./blocks/layers.js";

export interface TaesdConfig {
  readonly channels: number;
  readonly latentChannels: number;
}

/** conv, ReLU, conv, ReLU, conv, + input, ReLU. */
function block(b: GraphBuilder, name: string, x: Value): Value {
  const channels = x.shape[1]!;
  return b.module(name, () => {
    let h = b.op("Relu", [conv(b, "conv.0", x, channels)]);
    h = b.op("Relu", [conv(b, "conv.2", h, channels)]);
    return b.op("Relu", [b.op("Add", [conv(b, "conv.4", h, channels), x])]);
  });
}

function blocks(b: GraphBuilder, first: number, count: number, input: Value): Value {
  let x = input;
  for (let i = first; i < first + count; i++) x = block(b, `layers.${i}`, x);
  return x;
}

/** Input: image [N, 3, H, W] in [-1, 1]. Output: latents [N, 4, H / 8, W / 8], already at the scale that the UNet works in. */
export function taesdEncoder(config: TaesdConfig, shape: { batch: number; height: number; width: number }): Graph {
  const b = new GraphBuilder("taesd-encoder");
  const image = b.input("image", [shape.batch, 3, shape.height, shape.width]);
  const down = (index: number, x: Value) =>
    conv(b, `layers.${index}`, x, config.channels, { stride: 2, pads: [1, 1, 1, 1], bias: false });
  const latents = b.module("encoder", () => {
    let x = conv(b, "layers.0", b.op("Affine", [image], { scale: 0.5, shift: 0.5 }), config.channels);
    x = blocks(b, 1, 1, x);
    for (const first of [2, 6, 10]) x = blocks(b, first + 1, 3, down(first, x));
    return conv(b, "layers.14", x, config.latentChannels);
  });
  return b.finish([{ name: "latents", value: latents }]);
}

/** Input: latents [N, 4, h, w] at the UNet's scale. Output: image [N, 3, 8h, 8w], about [-1, 1]. */
export function taesdDecoder(config: TaesdConfig, shape: { batch: number; height: number; width: number }): Graph {
  const b = new GraphBuilder("taesd-decoder");
  const latents = b.input("latents", [shape.batch, config.latentChannels, shape.height, shape.width]);
  const image = b.module("decoder", () => {
    // 3 tanh(x / 3): soft limits
    const squeezed = b.op("Affine", [b.op("Tanh", [b.op("Affine", [latents], { scale: 1 / 3, shift: 0 })])], {
      scale: 3,
      shift: 0,
    });
    let x = b.op("Relu", [conv(b, "layers.0", squeezed, config.channels)]);
    for (const first of [2, 7, 12]) {
      x = blocks(b, first, 3, x);
      const [, , height, width] = x.shape as [number, number, number, number];
      x = b.op("ResizeNearest", [x], { height: height * 2, width: width * 2 });
      x = conv(b, `layers.${first + 4}`, x, config.channels, { bias: false });
    }
    return conv(b, "layers.18", blocks(b, 17, 1, x), 3);
  });
  return b.finish([{ name: "image", value: b.op("Affine", [image], { scale: 2, shift: -1 }) }]);
}
