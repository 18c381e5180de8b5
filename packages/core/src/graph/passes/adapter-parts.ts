// What the adapter passes add to a graph: nodes, the strengths as scalar inputs, and the factors as weights read from the adapters' files.
import type { PlacedDelta } from "../../weights/adapters/adapter.js";
import { type LazyTensor, type Weights, weightsOf } from "../../weights/weights.js";
import type { ConstantValue, Node, NodeOf, Value, WeightValue } from "../graph.js";
import type { OpAttributes, OpName } from "../ops/op-attributes.js";
import { outputType } from "../ops/shape-rules.js";

/** One adapter's deltas on the network of one graph. */
export interface NetworkAdapter {
  /** Unique among the adapters of a graph; names its strength input and its weights. */
  readonly id: string;
  readonly deltas: readonly PlacedDelta[];
  /** A further factor of each module (block weights); default 1. */
  readonly factor?: (module: string) => number;
}

/** Name of the scalar input that carries an adapter's strength. */
export const strengthInput = (id: string): string => `strength:${id}`;

type AttributesOf<O extends OpName> = keyof OpAttributes[O] extends never ? [] : [attributes: OpAttributes[O]];

export class AdapterParts {
  readonly nodes: Node[] = [];
  readonly constants: ConstantValue[] = [];
  private readonly strengths = new Map<string, Value>();
  private readonly scalars = new Map<string, Value>();
  private readonly factors = new Map<string, readonly [WeightValue, LazyTensor]>();
  private count = 0;

  op<O extends OpName>(op: O, inputs: readonly (Value | undefined)[], ...[attributes]: AttributesOf<O>): Value {
    const given = (attributes ?? {}) as OpAttributes[O];
    const { dtype, shape } = outputType(op, inputs, given);
    const output: Value = { id: `adapter/${op}#${this.count++}`, dtype, shape };
    this.nodes.push({ op, inputs, output, attributes: given } as NodeOf<O> as Node);
    return output;
  }

  scalar(value: number): Value {
    const constant: ConstantValue = {
      id: `adapter/constant#${this.count++}`,
      dtype: "f32",
      shape: [],
      data: Float32Array.of(value),
    };
    this.constants.push(constant);
    return constant;
  }

  /** The adapter's strength as the user sets it. */
  strength(id: string): Value {
    const known = this.strengths.get(id);
    if (known !== undefined) return known;
    const input: Value = { id: strengthInput(id), dtype: "f32", shape: [] };
    this.strengths.set(id, input);
    return input;
  }

  /** scale * strength + shift as a scalar; equal ones are computed once. */
  ofStrength(id: string, scale: number, shift = 0): Value {
    const key = `${scale} ${shift} ${id}`;
    const known = this.scalars.get(key);
    if (known !== undefined) return known;
    const value = this.op("Affine", [this.strength(id)], { scale, shift });
    this.scalars.set(key, value);
    return value;
  }

  /** A tensor of the adapter's file as a weight of the graph; the shape may differ from the stored one, not the number of elements. */
  factor(id: string, tensor: LazyTensor, shape: readonly number[] = tensor.shape): WeightValue {
    const name = `adapter:${id}/${tensor.name}`;
    const known = this.factors.get(name);
    if (known !== undefined) return known[0];
    const value: WeightValue = { id: name, dtype: "f32", shape };
    this.factors.set(name, [value, tensor]);
    return value;
  }

  inputs(): readonly Value[] {
    return [...this.strengths.values()];
  }

  weightValues(): readonly WeightValue[] {
    return [...this.factors.values()].map(([value]) => value);
  }

  weights(): Weights {
    return weightsOf([...this.factors].map(([name, [, tensor]]) => [name, tensor]));
  }
}
