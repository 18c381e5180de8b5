// Adversarial losses on logits [N] (positive: looks real), each a mean over the batch.
//   non-saturating (Goodfellow et al. 2014; SDXL-Lightning eq. 3, 4): D = softplus(-real) + softplus(fake), G = softplus(-fake)
//   hinge (Lim and Ye 2017; Adversarial Diffusion Distillation eq. 2, 3): D = relu(1 - real) + relu(1 + fake), G = -fake
import type { GraphBuilder, Value } from "@fewstep/core";
import { batchMean } from "./elementwise.js";
import { softplus } from "./softplus.js";

export type AdversarialKind = "non-saturating" | "hinge";

interface AdversarialLoss {
  discriminator(b: GraphBuilder, real: Value, fake: Value): Value;
  generator(b: GraphBuilder, fake: Value): Value;
}

const negated = (b: GraphBuilder, x: Value): Value => b.op("Neg", [x]);
const margin = (b: GraphBuilder, x: Value, scale: number): Value =>
  b.op("Relu", [b.op("Affine", [x], { scale, shift: 1 })]);

export const adversarialLosses: Readonly<Record<AdversarialKind, AdversarialLoss>> = {
  "non-saturating": {
    discriminator: (b, real, fake) =>
      b.op("Add", [batchMean(b, softplus(b, negated(b, real))), batchMean(b, softplus(b, fake))]),
    generator: (b, fake) => batchMean(b, softplus(b, negated(b, fake))),
  },
  hinge: {
    discriminator: (b, real, fake) =>
      b.op("Add", [batchMean(b, margin(b, real, -1)), batchMean(b, margin(b, fake, 1))]),
    generator: (b, fake) => batchMean(b, negated(b, fake)),
  },
};
