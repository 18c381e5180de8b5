// Learning from a reward (ImageReward's ReFL, Xu et al. 2023; Hyper-SD section 3.2): mean relu(threshold - reward), so that a picture which is
// good enough asks for nothing more and the reward is not exploited.
import type { GraphBuilder, Value } from "@fewstep/core";
import { batchMean } from "./elementwise.js";

/** @param reward one number a picture, [N] */
export function feedbackLoss(b: GraphBuilder, reward: Value, threshold: number): Value {
  return batchMean(b, b.op("Relu", [b.op("Affine", [reward], { scale: -1, shift: threshold })]));
}
