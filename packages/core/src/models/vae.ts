// The KL autoencoder of Stable Diffusion: pictures in [-1, 1] <-> latents at an eighth of the size. Module names as in diffusers.
// Latents here are unscaled: the caller divides by the scaling factor before decoding and multiplies after encoding.
import { GraphBuilder } from "../graph/builder.js";
import type { Graph, Value } from "../graph/graph.js";
import { conv, groupNorm, linear, toPicture, toSequence } from "./blocks/layers.js";
import { resnet } from "./blocks/resnet.js";

export interface VaeConfig {
  /** Channels of each level, largest pictures first. */
  readonly channels: readonly number[];
  /** Residual blocks a level: this many in the encoder, one more in the decoder. */
  readonly layers: number;
  readonly latentChannels: number;
  readonly pictureChannels: number;
  /** quant_conv and post_quant_conv exist. */
  readonly quantised: boolean;
  readonly groups: number;
}

const EPSILON = 1e-6;

function attention(b: GraphBuilder, x: Value, groups: number): Value {
  const [, channels, height, width] = x.shape as [number, number, number, number];
  return b.module("attentions.0", () => {
    const h = toSequence(b, groupNorm(b, "group_norm", x, groups, EPSILON));
    const [q, k, v] = ["to_q", "to_k", "to_v"].map((name) => linear(b, name, h, channels));
    const out = linear(b, "to_out.0", b.op("Attention", [q, k, v], { heads: 1, causal: false }), channels);
    return b.op("Add", [toPicture(b, out, height, width), x]);
  });
}

function mid(b: GraphBuilder, x: Value, groups: number): Value {
  const options = { out: x.shape[1]!, groups, epsilon: EPSILON };
  return b.module("mid_block", () =>
    resnet(b, "resnets.1", attention(b, resnet(b, "resnets.0", x, options), groups), options),
  );
}

/** Input: latents [N, 4, h, w] / scaling factor. Output: image [N, 3, 8h, 8w], not clamped. */
export function vaeDecoder(config: VaeConfig, shape: { batch: number; height: number; width: number }): Graph {
  const b = new GraphBuilder("vae-decoder");
  const { channels, groups, latentChannels } = config;
  const latents = b.input("latents", [shape.batch, latentChannels, shape.height, shape.width]);
  let x = config.quantised ? conv(b, "post_quant_conv", latents, latentChannels, { kernel: 1 }) : latents;
  const levels = channels.toReversed();
  x = b.module("decoder", () => {
    let h = mid(b, conv(b, "conv_in", x, levels[0]!), groups);
    levels.forEach((out, i) => {
      h = b.module(`up_blocks.${i}`, () => {
        let y = h;
        for (let j = 0; j <= config.layers; j++) y = resnet(b, `resnets.${j}`, y, { out, groups, epsilon: EPSILON });
        if (i === levels.length - 1) return y;
        const [, , height, width] = y.shape as [number, number, number, number];
        const doubled = b.op("ResizeNearest", [y], { height: height * 2, width: width * 2 });
        return b.module("upsamplers.0", () => conv(b, "conv", doubled, out));
      });
    });
    return conv(
      b,
      "conv_out",
      b.op("Silu", [groupNorm(b, "conv_norm_out", h, groups, EPSILON)]),
      config.pictureChannels,
    );
  });
  return b.finish([{ name: "image", value: x }]);
}

/** Input: image [N, 3, H, W] in [-1, 1]. Outputs: mean and logvar (clamped to [-30, 20]), [N, 4, H / 8, W / 8]. */
export function vaeEncoder(config: VaeConfig, shape: { batch: number; height: number; width: number }): Graph {
  const b = new GraphBuilder("vae-encoder");
  const { channels, groups, latentChannels } = config;
  const image = b.input("image", [shape.batch, config.pictureChannels, shape.height, shape.width]);
  let x = b.module("encoder", () => {
    let h = conv(b, "conv_in", image, channels[0]!);
    channels.forEach((out, i) => {
      h = b.module(`down_blocks.${i}`, () => {
        let y = h;
        for (let j = 0; j < config.layers; j++) y = resnet(b, `resnets.${j}`, y, { out, groups, epsilon: EPSILON });
        if (i === channels.length - 1) return y;
        // right and bottom only, unlike the UNet
        return b.module("downsamplers.0", () => conv(b, "conv", y, out, { stride: 2, pads: [0, 0, 1, 1] }));
      });
    });
    h = b.op("Silu", [groupNorm(b, "conv_norm_out", mid(b, h, groups), groups, EPSILON)]);
    return conv(b, "conv_out", h, 2 * latentChannels);
  });
  if (config.quantised) x = conv(b, "quant_conv", x, 2 * latentChannels, { kernel: 1 });
  const mean = b.op("Slice", [x], { axis: 1, start: 0, end: latentChannels });
  const logvar = b.op("Slice", [x], { axis: 1, start: latentChannels, end: 2 * latentChannels });
  return b.finish([
    { name: "mean", value: mean },
    { name: "logvar", value: b.op("Clip", [logvar], { min: -30, max: 20 }) },
  ]);
}
