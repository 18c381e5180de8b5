// R1 (Mescheder et al. 2018): the mean squared norm of the discriminator's gradient for real inputs. ADD takes it on the inputs of its heads.
// The penalty is part of the objective, so its own gradient is a second derivative: the heads' gradient graph is differentiated again.
import { type Graph, GraphBuilder, type Value } from "@fewstep/core";
import { addGradients } from "../gradient/add-gradients.js";
import { includeNamed, type NameOf } from "../models/network.js";

/**
 * sum over `inputs` of mean over pictures of |d logit / d input|^2.
 * @param heads outputs `logits` [N] from the inputs named here; pictures do not mix, so the gradient of the sum holds each picture's own.
 * @param beside other inputs of the heads, which the penalty is not taken on
 */
export function gradientPenalty(
  b: GraphBuilder,
  heads: Graph,
  inputs: Readonly<Record<string, Value>>,
  nameOf: NameOf,
  tag: string,
  beside: Readonly<Record<string, Value>> = {},
): Value {
  const names = Object.keys(inputs);
  const graph = addGradients(summed(heads), "sum", names);
  const outputs = includeNamed(b, graph, { ...inputs, ...beside }, nameOf, tag);
  const norms = names.map((name) => {
    const gradient = outputs.get(`grad:${name}`)!;
    const square = b.op("Mul", [gradient, gradient]);
    const axes = gradient.shape.map((_, i) => i);
    return b.op("Affine", [b.op("ReduceSum", [square], { axes, keepDims: false })], {
      scale: 1 / gradient.shape[0]!,
      shift: 0,
    });
  });
  return norms.reduce((sum, norm) => b.op("Add", [sum, norm]));
}

function summed(heads: Graph): Graph {
  const b = new GraphBuilder(heads.name);
  const logits = b.include(heads, new Map(), "heads:").get("logits")!;
  return b.finish([{ name: "sum", value: b.op("ReduceSum", [logits], { axes: [0], keepDims: false }) }]);
}
