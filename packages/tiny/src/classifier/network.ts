// A small convolutional classifier of the illustrator's attributes: pictures in [-1, 1] -> features and one group of logits an attribute.
// Five convolutions of stride 2, a mean over places, one linear layer. What judge and critic share is this form, no weight and no data.
import { type Graph, GraphBuilder, type Value } from "@fewstep/core";
import { type FlatLayout, flatLayout } from "@fewstep/train";
import { ATTRIBUTE_NAMES, ATTRIBUTES, type Attribute } from "../illustrator/labels.js";

export interface ClassifierShape {
  /** Channels after each convolution, multiples of 8. */
  readonly widths: readonly number[];
  /** Pixels of a side. */
  readonly size: number;
}

export interface AttributeLogits {
  readonly attribute: Attribute;
  readonly start: number;
  readonly end: number;
}

const countOf = (attribute: Attribute): number => ATTRIBUTES[attribute].length;

/** Where each attribute's classes lie in the logits. */
export const LOGITS: readonly AttributeLogits[] = ATTRIBUTE_NAMES.map((attribute, i) => {
  const start = ATTRIBUTE_NAMES.slice(0, i).reduce((sum, before) => sum + countOf(before), 0);
  return { attribute, start, end: start + countOf(attribute) };
});

export const CLASSES = LOGITS.at(-1)!.end;

const GROUPS = 8;
const EPSILON = 1e-5;
/** Keeps the logarithm of a probability that rounds to 0 finite. */
const LEAST = 1e-7;

/** Adds the classifier's convolutions to a builder: the map after each, [N, width, s / 2, s / 2] and so on down. */
function convolved(b: GraphBuilder, pictures: Value, { widths }: ClassifierShape): readonly Value[] {
  let x = pictures;
  return widths.map((width, i) => {
    const weight = b.weight(`convs.${i}.weight`, [width, x.shape[1]!, 3, 3]);
    x = b.op("Conv", [x, weight, b.weight(`convs.${i}.bias`, [width])], { strides: [2, 2], pads: [1, 1, 1, 1] });
    const norm = [b.weight(`norms.${i}.weight`, [width]), b.weight(`norms.${i}.bias`, [width])] as const;
    x = b.op("Silu", [b.op("GroupNorm", [x, ...norm], { groups: GROUPS, epsilon: EPSILON })]);
    return x;
  });
}

/** Adds the classifier to a builder. `features` [N, last width], `logits` [N, CLASSES]. */
export function classify(
  b: GraphBuilder,
  pictures: Value,
  shape: ClassifierShape,
): { readonly features: Value; readonly logits: Value } {
  const x = convolved(b, pictures, shape).at(-1)!;
  // the mean says what there is; where it is, the flattened last map says
  const mean = b.op("ReduceMean", [x], { axes: [2, 3], keepDims: false });
  const [count, channels, height, width] = x.shape as [number, number, number, number];
  const places = b.op("Reshape", [x], { shape: [count, channels * height * width] });
  const hidden = b.op("Linear", [
    places,
    b.weight("places.weight", [channels, channels * height * width]),
    b.weight("places.bias", [channels]),
  ]);
  const features = b.op("Add", [mean, b.op("Silu", [hidden])]);
  const head = [b.weight("head.weight", [CLASSES, channels]), b.weight("head.bias", [CLASSES])] as const;
  return { features, logits: b.op("Linear", [features, ...head]) };
}

/** Input: pictures [N, 3, s, s]. Outputs: features, logits. */
export function classifierGraph(shape: ClassifierShape, batch: number): Graph {
  const b = new GraphBuilder("classifier");
  const { features, logits } = classify(b, b.input("pictures", [batch, 3, shape.size, shape.size]), shape);
  return b.finish([
    { name: "features", value: features },
    { name: "logits", value: logits },
  ]);
}

/** Input: pictures [N, 3, s, s]. Outputs: the map after every convolution but the first, whose edges say little, by the convolution's name. */
export function classifierMaps(shape: ClassifierShape, batch: number): Graph {
  const b = new GraphBuilder("classifier-maps");
  const maps = convolved(b, b.input("pictures", [batch, 3, shape.size, shape.size]), shape);
  return b.finish(maps.map((value, i) => ({ name: `convs.${i}`, value })).slice(1));
}

/** Logits [N, CLASSES] -> log probabilities, each attribute's classes apart. */
export function logProbabilities(b: GraphBuilder, logits: Value): Value {
  const logs = LOGITS.map(({ start, end }) => {
    const part = b.op("Slice", [logits], { axis: 1, start, end });
    return b.op("Log", [b.op("Affine", [b.op("Softmax", [part])], { scale: 1, shift: LEAST })]);
  });
  return b.op("Concat", logs, { axis: 1 });
}

export const classifierLayout = (shape: ClassifierShape): FlatLayout => flatLayout(classifierGraph(shape, 1).weights);
