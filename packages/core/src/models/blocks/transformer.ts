// Spatial transformer of the UNet: norm, projection in, blocks of self-attention, cross-attention and GEGLU, projection out.
import type { GraphBuilder } from "../../graph/builder.js";
import type { Value } from "../../graph/graph.js";
import { conv, groupNorm, layerNorm, linear, toPicture, toSequence } from "./layers.js";

export interface TransformerOptions {
  readonly depth: number;
  readonly heads: number;
  readonly groups: number;
  /** SD1.5 projects in and out by 1x1 convolutions, SD2 and SDXL by linear layers. */
  readonly projection: "conv" | "linear";
  /** Text states [N, T, D]. */
  readonly context: Value;
}

function attention(b: GraphBuilder, name: string, x: Value, context: Value, heads: number): Value {
  const width = x.shape[2]!;
  return b.module(name, () => {
    const q = linear(b, "to_q", x, width, false);
    const k = linear(b, "to_k", context, width, false);
    const v = linear(b, "to_v", context, width, false);
    return linear(b, "to_out.0", b.op("Attention", [q, k, v], { heads, causal: false }), width);
  });
}

/** GEGLU: the projection's first half times the GELU of its second, then back to the width. */
function feedForward(b: GraphBuilder, name: string, x: Value): Value {
  const width = x.shape[2]!;
  return b.module(name, () => {
    const both = linear(b, "net.0.proj", x, width * 8);
    const value = b.op("Slice", [both], { axis: 2, start: 0, end: width * 4 });
    const gate = b.op("Slice", [both], { axis: 2, start: width * 4, end: width * 8 });
    return linear(b, "net.2", b.op("Mul", [value, b.op("Gelu", [gate])]), width);
  });
}

function block(b: GraphBuilder, name: string, input: Value, context: Value, heads: number): Value {
  return b.module(name, () => {
    let x = input;
    const normed = layerNorm(b, "norm1", x);
    x = b.op("Add", [attention(b, "attn1", normed, normed, heads), x]);
    x = b.op("Add", [attention(b, "attn2", layerNorm(b, "norm2", x), context, heads), x]);
    return b.op("Add", [feedForward(b, "ff", layerNorm(b, "norm3", x)), x]);
  });
}

export function transformer(b: GraphBuilder, name: string, input: Value, options: TransformerOptions): Value {
  const [, channels, height, width] = input.shape as [number, number, number, number];
  return b.module(name, () => {
    const normed = groupNorm(b, "norm", input, options.groups, 1e-6);
    let x =
      options.projection === "conv"
        ? toSequence(b, conv(b, "proj_in", normed, channels, { kernel: 1 }))
        : linear(b, "proj_in", toSequence(b, normed), channels);
    for (let i = 0; i < options.depth; i++) x = block(b, `transformer_blocks.${i}`, x, options.context, options.heads);
    const out =
      options.projection === "conv"
        ? conv(b, "proj_out", toPicture(b, x, height, width), channels, { kernel: 1 })
        : toPicture(b, linear(b, "proj_out", x, channels), height, width);
    return b.op("Add", [out, input]);
  });
}
