// The critic as a reward model: how probable it finds, in the decoded picture, the attributes that the caption names.
//   reward = 1/k sum of log p(class named | picture) over the k attributes named; 0, the most there is, where none is named
import type { GraphBuilder, Tensor, Value } from "@fewstep/core";
import { type Feedback, type FrozenDecoder, includeNamed } from "@fewstep/train";
import { CLASSES, classifierGraph, LOGITS, logProbabilities } from "../classifier/network.js";
import { namedLabels } from "../illustrator/named-labels.js";
import { criticWeight, frozenCritic, type OpenedCritic } from "./open-critic.js";

/** One row a caption: 1/k at the class of each of the k attributes that it names, [N, CLASSES]. */
export function namedTargets(captions: readonly string[]): Tensor {
  const data = new Float32Array(captions.length * CLASSES);
  captions.forEach((caption, n) => {
    const labels = namedLabels(caption);
    const named = LOGITS.filter(({ attribute }) => labels[attribute] >= 0);
    for (const { attribute, start } of named) data[n * CLASSES + start + labels[attribute]] = 1 / named.length;
  });
  return { dtype: "f32", shape: [captions.length, CLASSES], data };
}

/** Whether the critic has anything to say to a caption. */
export const namesSomething = (caption: string): boolean => namedTargets([caption]).data.some((x) => Number(x) > 0);

/** Feedback of the pictures that `decoder` makes of a predicted x0; they must be of the critic's size. */
export function criticFeedback(
  critic: OpenedCritic,
  decoder: FrozenDecoder,
  { threshold, weight }: Pick<Feedback, "threshold" | "weight">,
): Feedback {
  const { sources, residents } = frozenCritic(critic);
  return {
    reward(b: GraphBuilder, x0: Value): Value {
      const batch = x0.shape[0]!;
      const decoded = decoder.decode(b, "feedback:decode", x0);
      // as they are shown: a colour beyond white is no better than white
      const pictures = b.op("Clip", [decoded], { min: -1, max: 1 });
      const graph = classifierGraph(critic.shape, batch);
      const logits = includeNamed(b, graph, { pictures }, criticWeight, "feedback:critic").get("logits")!;
      const named = b.input("named", [batch, CLASSES]);
      const chosen = b.op("Mul", [logProbabilities(b, logits), named]);
      return b.op("ReduceSum", [chosen], { axes: [1], keepDims: false });
    },
    feed: (captions) => ({ named: namedTargets(captions) }),
    sources: [...decoder.sources, ...sources],
    residents: new Map([...decoder.residents, ...residents]),
    threshold,
    weight,
  };
}
