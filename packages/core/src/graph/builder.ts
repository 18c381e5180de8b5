// Builds a Graph. Scopes spell the weights' names: inside scope("down_blocks.0") weight("conv.weight") is "down_blocks.0.conv.weight".
import type { ConstantValue, Graph, GraphDType, GraphOutput, Node, Value, WeightValue } from "./graph.js";
import type { OpAttributes, OpName } from "./ops/op-attributes.js";
import { outputType } from "./ops/shape-rules.js";

type AttributesOf<O extends OpName> = keyof OpAttributes[O] extends never ? [] : [attributes: OpAttributes[O]];

export class GraphBuilder {
  private readonly inputs: Value[] = [];
  private readonly weights = new Map<string, WeightValue>();
  private readonly constants: ConstantValue[] = [];
  private readonly nodes: Node[] = [];
  private readonly modules = new Map<string, Value>();
  private path: readonly string[] = [];
  private count = 0;

  /** @param prefix keeps the ids of a graph apart from those of another that it will be joined with. */
  constructor(
    readonly name: string,
    private readonly prefix = "",
  ) {}

  input(id: string, shape: readonly number[], dtype: GraphDType = "f32"): Value {
    const value = { id, dtype, shape };
    this.inputs.push(value);
    return value;
  }

  /** A parameter in the current scope; asking twice gives the same value. */
  weight(name: string, shape: readonly number[]): WeightValue {
    const id = this.scoped(name);
    const known = this.weights.get(id);
    if (known !== undefined) return known;
    const value: WeightValue = { id, dtype: "f32", shape };
    this.weights.set(id, value);
    return value;
  }

  constant(shape: readonly number[], data: Float32Array | BigInt64Array): ConstantValue {
    const value: ConstantValue = {
      id: this.fresh("constant"),
      dtype: data instanceof Float32Array ? "f32" : "i64",
      shape,
      data,
    };
    this.constants.push(value);
    return value;
  }

  scalar(value: number): ConstantValue {
    return this.constant([], Float32Array.of(value));
  }

  op<O extends OpName>(op: O, inputs: readonly (Value | undefined)[], ...[attributes]: AttributesOf<O>): Value {
    const given = (attributes ?? {}) as OpAttributes[O];
    const output: Value = { id: this.fresh(op), ...outputType(op, inputs, given) };
    this.nodes.push({ op, inputs, output, attributes: given } as Node);
    return output;
  }

  /** Runs `build` one level down. */
  scope<T>(name: string, build: () => T): T {
    const outer = this.path;
    this.path = [...outer, name];
    try {
      return build();
    } finally {
      this.path = outer;
    }
  }

  /** A scope with one result, which is recorded as the output of that module. */
  module(name: string, build: () => Value): Value {
    return this.scope(name, () => {
      const value = build();
      this.modules.set(this.path.join("."), value);
      return value;
    });
  }

  /** Name of something in the current scope. */
  scoped(name: string): string {
    return [...this.path, name].join(".");
  }

  /**
   * Copies another graph's nodes into this one. `feeds` replaces inputs, and weights where given; other inputs become this graph's own,
   * other weights are shared by name. `prefix` keeps the copies' ids apart. Answers the copied outputs by name.
   */
  include(graph: Graph, feeds: ReadonlyMap<string, Value>, prefix: string): ReadonlyMap<string, Value> {
    const copies = new Map<string, Value>();
    for (const input of graph.inputs)
      copies.set(input.id, feeds.get(input.id) ?? this.input(input.id, input.shape, input.dtype));
    for (const weight of graph.weights) {
      const known = feeds.get(weight.id) ?? this.weights.get(weight.id) ?? weight;
      if (!feeds.has(weight.id)) this.weights.set(weight.id, known);
      copies.set(weight.id, known);
    }
    const rename = <T extends Value>(value: T): T => ({ ...value, id: `${this.prefix}${prefix}${value.id}` });
    for (const constant of graph.constants) {
      const copy = rename(constant);
      this.constants.push(copy);
      copies.set(constant.id, copy);
    }
    for (const node of graph.nodes) {
      const output = rename(node.output);
      copies.set(node.output.id, output);
      const inputs = node.inputs.map((input) => input && copies.get(input.id)!);
      this.nodes.push({ ...node, inputs, output } as Node);
    }
    for (const [name, value] of graph.modules) this.modules.set(prefix + name, copies.get(value.id)!);
    return new Map(graph.outputs.map(({ name, value }) => [name, copies.get(value.id)!]));
  }

  finish(outputs: readonly GraphOutput[]): Graph {
    return Object.freeze({
      name: this.name,
      inputs: this.inputs,
      outputs,
      weights: [...this.weights.values()],
      constants: this.constants,
      nodes: this.nodes,
      modules: this.modules,
    });
  }

  private fresh(what: string): string {
    return `${this.prefix}${[...this.path, what].join("/")}#${this.count++}`;
  }
}
