// Collects ONNX nodes and small inline initialisers while a graph is lowered.
import type { OnnxAttribute, OnnxInitializer, OnnxNode } from "./model-proto.js";

export class Emitter {
  readonly nodes: OnnxNode[] = [];
  readonly initializers: OnnxInitializer[] = [];
  private readonly shared = new Map<string, string>();
  private count = 0;

  /** Adds a node of ONNX's own ops; answers the name of its output. */
  node(
    op: string,
    inputs: readonly string[],
    attributes: OnnxNode["attributes"] = {},
    output = this.fresh(op),
  ): string {
    this.nodes.push({ op, domain: "", inputs, output, attributes });
    return output;
  }

  /** Adds a node of ONNX Runtime's contributed ops. */
  contributed(
    op: string,
    inputs: readonly string[],
    attributes: OnnxNode["attributes"] = {},
    output = this.fresh(op),
  ): string {
    this.nodes.push({ op, domain: "com.microsoft", inputs, output, attributes });
    return output;
  }

  /** A list of integers as a 1-d initialiser; equal lists share one. */
  ints(values: readonly number[]): string {
    return this.inline(`ints:${values}`, () => ({
      type: "i64",
      shape: [values.length],
      bytes: new Uint8Array(BigInt64Array.from(values, BigInt).buffer),
    }));
  }

  scalar(value: number): string {
    return this.inline(`scalar:${value}`, () => ({
      type: "f32",
      shape: [],
      bytes: new Uint8Array(Float32Array.of(value).buffer),
    }));
  }

  filled(length: number, value: number): string {
    return this.inline(`filled:${length}:${value}`, () => ({
      type: "f32",
      shape: [length],
      bytes: new Uint8Array(new Float32Array(length).fill(value).buffer),
    }));
  }

  private inline(
    key: string,
    make: () => { type: "f32" | "i64"; shape: readonly number[]; bytes: Uint8Array },
  ): string {
    const known = this.shared.get(key);
    if (known !== undefined) return known;
    const { type, shape, bytes } = make();
    const name = `inline#${this.shared.size}`;
    this.initializers.push({ name, type, shape, content: { bytes } });
    this.shared.set(key, name);
    return name;
  }

  private fresh(op: string): string {
    return `${op}~${this.count++}`;
  }
}

export type { OnnxAttribute };
