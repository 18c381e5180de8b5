// Normalized attention guidance (NAG, Chen et al. 2025, arXiv 2505.21179): a negative prompt that counts without a second run of the
// network. Each cross-attention is also computed for the negative text, and its output is pushed away from it:
//   pushed = scale * positive - (scale - 1) * negative          (paper: phi = scale - 1; the authors' code counts as here)
//   pushed *= min(1, tau * |positive|_1 / |pushed|_1)           norms over the channels of a position
//   output = alpha * pushed + (1 - alpha) * positive
// Cost of a UNet call of SD1.5 at 32x32 latents on a shared 2-core machine: 4.63 against 4.57 s (median), within its noise; guidance by a
// second call costs another 4.57 s.
import type { ConstantValue, Graph, Node, NodeOf, Value } from "../graph.js";
import type { OpAttributes, OpName } from "../ops/op-attributes.js";
import { outputType } from "../ops/shape-rules.js";

/** Scalar inputs of the guided graph; a scale of 1 leaves every output as it was. */
export const NAG_INPUTS = { scale: "nag_scale", tau: "nag_tau", alpha: "nag_alpha" } as const;

/** Input of the guided graph: text states of the negative prompt, as many as of the prompt. */
export const NEGATIVE_CONTEXT = "negative_context";

/** Keeps the division finite where a position is all zeros; the authors' value. */
const TINY = 1e-7;

/**
 * The graph with guidance in every attention whose keys come from the input `context`. Adapters may be added afterwards: they reach both
 * texts.
 * @throws RangeError if the graph has no such input
 */
export function withNormalizedAttentionGuidance(graph: Graph, contextInput = "context"): Graph {
  const context = graph.inputs.find(({ id }) => id === contextInput);
  if (context === undefined) throw new RangeError(`graph ${graph.name} has no input ${contextInput}`);
  const negative: Value = { ...context, id: NEGATIVE_CONTEXT };
  const scalar = (id: string): Value => ({ id, dtype: "f32", shape: [] });
  const [scale, tau, alpha] = [NAG_INPUTS.scale, NAG_INPUTS.tau, NAG_INPUTS.alpha].map(scalar) as [Value, Value, Value];
  const one: ConstantValue = { ...scalar("nag/one"), data: Float32Array.of(1) };
  const nodes: Node[] = [];
  let count = 0;
  const add = <O extends OpName>(op: O, inputs: readonly (Value | undefined)[], attributes: OpAttributes[O]): Value => {
    const { dtype, shape } = outputType(op, inputs, attributes);
    const output: Value = { id: `nag/${op}#${count++}`, dtype, shape };
    nodes.push({ op, inputs, attributes, output } as NodeOf<O> as Node);
    return output;
  };
  const producers = new Map(graph.nodes.map((node) => [node.output.id, node]));
  const replaced = new Map<string, Value>();

  /** The projection of the negative text by the layer that projects the prompt. */
  const projected = (value: Value): Value | undefined => {
    const node = producers.get(value.id);
    if (node?.op !== "Linear" || node.inputs[0]!.id !== context.id) return undefined;
    return add("Linear", [negative, ...node.inputs.slice(1)], {});
  };

  const length = (x: Value): Value => add("ReduceSum", [add("Abs", [x], {})], { axes: [2], keepDims: true });
  const rest = (weight: Value): Value => add("Sub", [one, weight], {});
  const against = rest(scale);
  const kept = rest(alpha);

  for (const node of graph.nodes) {
    const inputs = node.inputs.map((input) => input && (replaced.get(input.id) ?? input));
    nodes.push({ ...node, inputs } as Node);
    if (node.op !== "Attention") continue;
    const [q, k, v] = inputs as [Value, Value, Value];
    const [keys, values] = [projected(k), projected(v)];
    if (keys === undefined || values === undefined) continue;
    const positive = node.output;
    const other = add("Attention", [q, keys, values], node.attributes);
    const pushed = add("Add", [add("Mul", [positive, scale], {}), add("Mul", [other, against], {})], {});
    const limit = add(
      "Div",
      [add("Mul", [length(positive), tau], {}), add("Affine", [length(pushed)], { scale: 1, shift: TINY })],
      {},
    );
    const held = add("Mul", [pushed, add("Minimum", [limit, one], {})], {});
    replaced.set(positive.id, add("Add", [add("Mul", [held, alpha], {}), add("Mul", [positive, kept], {})], {}));
  }
  return Object.freeze({
    ...graph,
    inputs: [...graph.inputs, negative, scale, tau, alpha],
    constants: [...graph.constants, one],
    nodes,
  });
}
