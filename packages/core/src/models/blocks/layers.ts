// The parametrised layers that all networks are made of, named as in the checkpoints (weight, bias).
import type { GraphBuilder } from "../../graph/builder.js";
import type { Value } from "../../graph/graph.js";

/** [..., in] -> [..., out]. */
export function linear(b: GraphBuilder, name: string, x: Value, out: number, bias = true): Value {
  return b.module(name, () =>
    b.op("Linear", [x, b.weight("weight", [out, x.shape.at(-1)!]), bias ? b.weight("bias", [out]) : undefined]),
  );
}

export interface ConvOptions {
  readonly kernel?: number;
  readonly stride?: number;
  /** [top, left, bottom, right]; default keeps the size at stride 1. */
  readonly pads?: readonly [number, number, number, number];
  readonly bias?: boolean;
}

/** [N, C, H, W] -> [N, out, H / stride, W / stride]. */
export function conv(b: GraphBuilder, name: string, x: Value, out: number, options: ConvOptions = {}): Value {
  const { kernel = 3, stride = 1, bias = true } = options;
  const edge = (kernel - 1) / 2;
  const { pads = [edge, edge, edge, edge] } = options;
  return b.module(name, () =>
    b.op(
      "Conv",
      [x, b.weight("weight", [out, x.shape[1]!, kernel, kernel]), bias ? b.weight("bias", [out]) : undefined],
      { strides: [stride, stride], pads },
    ),
  );
}

export function groupNorm(b: GraphBuilder, name: string, x: Value, groups: number, epsilon: number): Value {
  const channels = x.shape[1]!;
  return b.module(name, () =>
    b.op("GroupNorm", [x, b.weight("weight", [channels]), b.weight("bias", [channels])], { groups, epsilon }),
  );
}

export function layerNorm(b: GraphBuilder, name: string, x: Value, epsilon = 1e-5): Value {
  const width = x.shape.at(-1)!;
  return b.module(name, () =>
    b.op("LayerNorm", [x, b.weight("weight", [width]), b.weight("bias", [width])], { epsilon }),
  );
}

/** [N, C, H, W] -> [N, H * W, C]. */
export function toSequence(b: GraphBuilder, x: Value): Value {
  const [n, channels, height, width] = x.shape as [number, number, number, number];
  const flat = b.op("Reshape", [x], { shape: [n, channels, height * width] });
  return b.op("Transpose", [flat], { permutation: [0, 2, 1] });
}

/** [N, H * W, C] -> [N, C, H, W]. */
export function toPicture(b: GraphBuilder, x: Value, height: number, width: number): Value {
  const [n, , channels] = x.shape as [number, number, number];
  const turned = b.op("Transpose", [x], { permutation: [0, 2, 1] });
  return b.op("Reshape", [turned], { shape: [n, channels, height, width] });
}
