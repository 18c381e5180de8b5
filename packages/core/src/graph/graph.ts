// The intermediate representation: a network as a frozen list of nodes in execution order.
// Ops are semantic (GroupNorm, Attention, Linear ...); graph/onnx decides how a runtime computes them.
// Weights are named as the checkpoint's canonical (diffusers) module names and bound to files only at compile time.
import type { OpAttributes, OpName } from "./ops/op-attributes.js";

/** What a graph's tensors hold: weights of any stored precision are read as f32. */
export type GraphDType = "f32" | "i64" | "bool";

export interface TensorType {
  readonly dtype: GraphDType;
  readonly shape: readonly number[];
}

/** A tensor inside one graph; `id` is unique there. */
export interface Value extends TensorType {
  readonly id: string;
}

/** A parameter that the graph reads: `id` is its name in the weights it will be bound to. */
export type WeightValue = Value;

export interface ConstantValue extends Value {
  readonly data: Float32Array | BigInt64Array;
}

export interface NodeOf<O extends OpName> {
  readonly op: O;
  /** An absent optional input (a missing bias) is undefined. */
  readonly inputs: readonly (Value | undefined)[];
  readonly output: Value;
  readonly attributes: OpAttributes[O];
}

export type Node = { [O in OpName]: NodeOf<O> }[OpName];

export interface GraphOutput {
  readonly name: string;
  readonly value: Value;
}

export interface Graph {
  readonly name: string;
  readonly inputs: readonly Value[];
  readonly outputs: readonly GraphOutput[];
  readonly weights: readonly WeightValue[];
  readonly constants: readonly ConstantValue[];
  readonly nodes: readonly Node[];
  /** Output value of every named module, by its diffusers name: what taps and adapters are found by. */
  readonly modules: ReadonlyMap<string, Value>;
}

/** The same graph with other outputs, and without the nodes that only the old ones needed. */
export function withOutputs(graph: Graph, outputs: readonly GraphOutput[]): Graph {
  return prune({ ...graph, outputs });
}

/** The same graph with extra outputs, named as the modules they come from. */
export function tap(graph: Graph, modules: readonly string[]): Graph {
  const taps = modules.map((name) => {
    const value = graph.modules.get(name);
    if (value === undefined) throw new RangeError(`graph ${graph.name} has no module ${name}`);
    return { name, value };
  });
  return { ...graph, outputs: [...graph.outputs, ...taps] };
}

/** Drops nodes, weights and constants that no output depends on. Inputs stay: they are the graph's signature. */
export function prune(graph: Graph): Graph {
  const needed = new Set(graph.outputs.map((output) => output.value.id));
  const nodes: Node[] = [];
  for (const node of [...graph.nodes].reverse()) {
    if (!needed.has(node.output.id)) continue;
    for (const input of node.inputs) if (input !== undefined) needed.add(input.id);
    nodes.push(node);
  }
  nodes.reverse();
  return {
    ...graph,
    nodes,
    modules: new Map([...graph.modules].filter(([, value]) => needed.has(value.id))),
    weights: graph.weights.filter((weight) => needed.has(weight.id)),
    constants: graph.constants.filter((constant) => needed.has(constant.id)),
  };
}
