// Residual block of UNet and VAE: norm, SiLU, conv, (+ time), norm, SiLU, conv, + shortcut.
import type { GraphBuilder } from "../../graph/builder.js";
import type { Value } from "../../graph/graph.js";
import { conv, groupNorm, linear } from "./layers.js";

export interface ResnetOptions {
  readonly out: number;
  readonly groups: number;
  readonly epsilon: number;
  /** SiLU of the time embedding [N, T]; absent in a VAE. */
  readonly time?: Value;
}

export function resnet(b: GraphBuilder, name: string, x: Value, { out, groups, epsilon, time }: ResnetOptions): Value {
  return b.module(name, () => {
    let h = conv(b, "conv1", b.op("Silu", [groupNorm(b, "norm1", x, groups, epsilon)]), out);
    if (time !== undefined) {
      const shift = linear(b, "time_emb_proj", time, out);
      h = b.op("Add", [h, b.op("Reshape", [shift], { shape: [...shift.shape, 1, 1] })]);
    }
    h = conv(b, "conv2", b.op("Silu", [groupNorm(b, "norm2", h, groups, epsilon)]), out);
    const shortcut = x.shape[1] === out ? x : conv(b, "conv_shortcut", x, out, { kernel: 1 });
    return b.op("Add", [shortcut, h]);
  });
}
