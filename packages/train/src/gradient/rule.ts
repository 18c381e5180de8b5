// What a gradient rule is. A rule states, for every input of an op, how d loss / d input follows from d loss / d output.
import type { GraphBuilder, NodeOf, OpName, Value } from "@fewstep/core";

/** Builds the gradient of one input, in that input's shape. Called at most once, and only if the gradient is needed. */
export type InputGradient = () => Value;

/**
 * One entry an input; undefined where the derivative is zero almost everywhere or the input is no real number.
 * @param b where the gradient's nodes go
 * @param node the differentiated node; its inputs and output may be read
 * @param dy d loss / d output, in the output's shape
 */
export type GradientRule<O extends OpName> = (
  b: GraphBuilder,
  node: NodeOf<O>,
  dy: Value,
) => readonly (InputGradient | undefined)[];

/** One rule an op: a new op of the graph is a compile error until it has one. */
export type GradientRules = { readonly [O in OpName]: GradientRule<O> };

/** Input `index`, which the op always has. */
export const inputOf = (node: NodeOf<OpName>, index: number): Value => node.inputs[index]!;

/** The same value at every call; made at the first. */
export function once(make: () => Value): () => Value {
  let made: Value | undefined;
  return () => {
    made ??= make();
    return made;
  };
}
