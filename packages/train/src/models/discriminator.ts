// Discriminators, as graphs to logits: in latent space from features, [N]; and one that sees patches of pictures, one logit a patch.
//   encoder: the UNet's way down and its middle, trained (SDXL-Lightning section 3.2); one head on the middle of one or two states
//   heads: small trained heads on every block of a frozen UNet (PCM, latent ADD); the UNet itself is the teacher
//   patches: convolutions over pictures (Isola et al. 2017), as Stable Diffusion's autoencoder was trained with
import {
  type Graph,
  GraphBuilder,
  tap,
  type UnetConfig,
  type UnetShape,
  unet,
  type Value,
  withOutputs,
} from "@fewstep/core";

/** Names of the blocks whose outputs heads look at, in order. */
export function blockNames(config: UnetConfig): readonly string[] {
  return [...config.down.map((_, i) => `down_blocks.${i}`), "mid_block", ...config.up.map((_, i) => `up_blocks.${i}`)];
}

/** The UNet with the given modules' outputs in place of its own. */
export function featureNetwork(config: UnetConfig, shape: UnetShape, modules: readonly string[]): Graph {
  const tapped = tap(unet(config, shape), modules);
  return withOutputs(
    tapped,
    tapped.outputs.filter(({ name }) => modules.includes(name)),
  );
}

const EPSILON = 1e-5;

/** 32 as the UNet's; 8 where channels are no multiple of that. */
const groupsOf = (channels: number): number => (channels % 32 === 0 ? 32 : 8);

function conv(
  b: GraphBuilder,
  name: string,
  x: Value,
  out: number,
  { kernel, stride, pad }: { readonly kernel: number; readonly stride: number; readonly pad: number },
): Value {
  const weight = b.weight(`${name}.weight`, [out, x.shape[1]!, kernel, kernel]);
  return b.op("Conv", [x, weight, b.weight(`${name}.bias`, [out])], {
    strides: [stride, stride],
    pads: [pad, pad, pad, pad],
  });
}

function normed(b: GraphBuilder, name: string, x: Value): Value {
  const channels = x.shape[1]!;
  const weights = [b.weight(`${name}.weight`, [channels]), b.weight(`${name}.bias`, [channels])] as const;
  return b.op("Silu", [b.op("GroupNorm", [x, ...weights], { groups: groupsOf(channels), epsilon: EPSILON })]);
}

/** Mean over everything but the batch: [N, 1, h, w] -> [N]. */
const meanLogit = (b: GraphBuilder, map: Value): Value =>
  b.op("ReduceMean", [map], { axes: [1, 2, 3], keepDims: false });

/** Lightning's head: input `middle` [N, C, h, w] (both states' middles side by side if conditional) -> `logits` [N]. */
export function middleHead(shape: readonly [number, number, number, number], width: number): Graph {
  const b = new GraphBuilder("head");
  let x = b.input("middle", shape);
  for (let i = 0; Math.min(x.shape[2]!, x.shape[3]!) > 1; i++) {
    x = normed(b, `norms.${i}`, conv(b, `convs.${i}`, x, width, { kernel: 4, stride: 2, pad: 1 }));
  }
  return b.finish([{ name: "logits", value: meanLogit(b, conv(b, "out", x, 1, { kernel: 1, stride: 1, pad: 0 })) }]);
}

/** What heads are told of the prompt: an input `condition` [N, width]. */
export interface HeadCondition {
  readonly width: number;
  /** Of the space in which map and prompt are compared. */
  readonly channels: number;
}

/** The projection discriminator (Miyato and Koyama 2018; StyleGAN-T): mean over places of h . (W condition) / sqrt(channels). */
function comparedLogit(b: GraphBuilder, map: Value, condition: Value, channels: number): Value {
  const mean = b.op("ReduceMean", [map], { axes: [2, 3], keepDims: false });
  const weight = b.weight("prompt.weight", [channels, condition.shape[1]!]);
  const wanted = b.op("Linear", [condition, weight, b.weight("prompt.bias", [channels])]);
  const product = b.op("ReduceSum", [b.op("Mul", [mean, wanted])], { axes: [1], keepDims: false });
  return b.op("Affine", [product], { scale: 1 / Math.sqrt(channels), shift: 0 });
}

/**
 * A head on every feature map, their logits averaged: inputs by the blocks' names, and `condition` where there is one -> `logits` [N].
 */
export function blockHeads(features: ReadonlyMap<string, readonly number[]>, told?: HeadCondition): Graph {
  const b = new GraphBuilder("heads");
  const batch = [...features.values()][0]![0]!;
  const condition = told && b.input("condition", [batch, told.width]);
  const logits = [...features].map(([name, shape]) => {
    const x = b.input(name, shape);
    return b.scope(name, () => {
      const h = normed(b, "norm", conv(b, "conv", x, shape[1]!, { kernel: 3, stride: 1, pad: 1 }));
      const out = conv(b, "out", h, told?.channels ?? 1, { kernel: 1, stride: 1, pad: 0 });
      return condition === undefined ? meanLogit(b, out) : comparedLogit(b, out, condition, told!.channels);
    });
  });
  const sum = logits.reduce((total, logit) => b.op("Add", [total, logit]));
  return b.finish([{ name: "logits", value: b.op("Affine", [sum], { scale: 1 / logits.length, shift: 0 }) }]);
}

/** Convolutions of the patch discriminator: a logit sees 26 x 26 pixels, and there is one for every 4 x 4. */
const PATCH_LAYERS = [
  { kernel: 4, stride: 2, times: 1 },
  { kernel: 4, stride: 2, times: 2 },
  { kernel: 3, stride: 1, times: 4 },
] as const;

/** Input `pictures` [N, 3, h, w] -> `logits` [N h/4 w/4]. */
export function patchDiscriminator(shape: readonly [number, number, number, number], width: number): Graph {
  const b = new GraphBuilder("patches");
  let x = b.input("pictures", shape);
  PATCH_LAYERS.forEach(({ kernel, stride, times }, i) => {
    const wide = conv(b, `convs.${i}`, x, times * width, { kernel, stride, pad: 1 });
    // the first layer sees colours as they are
    x = i === 0 ? b.op("Silu", [wide]) : normed(b, `norms.${i}`, wide);
  });
  const map = conv(b, "out", x, 1, { kernel: 3, stride: 1, pad: 1 });
  const patches = map.shape.reduce((product, length) => product * length, 1);
  return b.finish([{ name: "logits", value: b.op("Reshape", [map], { shape: [patches] }) }]);
}
