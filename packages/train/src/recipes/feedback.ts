// Feedback in a recipe: a reward of the student's predicted picture beside its other losses (Hyper-SD section 3.2).
import type { GraphBuilder, Value } from "@fewstep/core";
import { feedbackLoss } from "../losses/feedback.js";
import type { FrozenPart } from "../models/frozen-decoder.js";
import type { Tensors } from "../program/program.js";

export interface Feedback extends FrozenPart {
  /** One number a picture from its predicted x0, [N]. Inputs that it declares are fed by `feed`. */
  reward(b: GraphBuilder, x0: Value): Value;
  /** What the reward reads of each picture's caption; default nothing. */
  feed?(captions: readonly string[]): Tensors;
  /** A reward of this and above asks for nothing more. */
  readonly threshold: number;
  readonly weight: number;
}

/** The loss with weight times mean relu(threshold - reward) added, and that mean; the loss alone without feedback. */
export function withFeedback(
  b: GraphBuilder,
  loss: Value,
  x0: () => Value,
  feedback: Feedback | undefined,
): Readonly<Record<string, Value>> & { readonly loss: Value } {
  if (feedback === undefined) return { loss };
  const wanted = feedbackLoss(b, feedback.reward(b, x0()), feedback.threshold);
  const weighed = b.op("Affine", [wanted], { scale: feedback.weight, shift: 0 });
  return { loss: b.op("Add", [loss, weighed]), feedback: wanted };
}
