// ONNX's ModelProto from plain values. Field numbers are those of onnx.proto (IR version 10, opset 21).
import { Message } from "./protobuf.js";

/** TensorProto.DataType. */
export const ONNX_TYPE = {
  f32: 1,
  u8: 2,
  i8: 3,
  i32: 6,
  i64: 7,
  bool: 9,
  f16: 10,
  f64: 11,
  bf16: 16,
  f8e4m3: 17,
  f8e5m2: 19,
} as const;
export type OnnxType = keyof typeof ONNX_TYPE;

export type OnnxAttribute =
  | { readonly int: number }
  | { readonly float: number }
  | { readonly ints: readonly number[] }
  | { readonly string: string };

export interface OnnxNode {
  readonly op: string;
  /** "" is ONNX's own, "com.microsoft" its runtime's. */
  readonly domain: "" | "com.microsoft";
  /** "" marks an absent optional input. */
  readonly inputs: readonly string[];
  readonly output: string;
  readonly attributes: Readonly<Record<string, OnnxAttribute>>;
}

export interface OnnxInitializer {
  readonly name: string;
  readonly type: OnnxType;
  readonly shape: readonly number[];
  readonly content:
    | { readonly bytes: Uint8Array }
    | { readonly location: string; readonly offset: number; readonly length: number };
}

export interface OnnxValue {
  readonly name: string;
  readonly type: OnnxType;
  readonly shape: readonly number[];
}

export interface OnnxModel {
  readonly name: string;
  readonly inputs: readonly OnnxValue[];
  readonly outputs: readonly OnnxValue[];
  readonly initializers: readonly OnnxInitializer[];
  readonly nodes: readonly OnnxNode[];
}

const EXTERNAL = 1;

function attribute(name: string, value: OnnxAttribute): Message {
  const message = new Message().string(1, name);
  if ("int" in value) return message.varint(3, value.int).varint(20, 2);
  if ("float" in value) return message.float(2, value.float).varint(20, 1);
  if ("string" in value) return message.string(4, value.string).varint(20, 3);
  for (const int of value.ints) message.varint(8, int);
  return message.varint(20, 7);
}

function node({ op, domain, inputs, output, attributes }: OnnxNode): Message {
  const message = new Message();
  for (const input of inputs) message.string(1, input);
  message.string(2, output).string(3, output).string(4, op);
  for (const [name, value] of Object.entries(attributes)) message.message(5, attribute(name, value));
  return domain === "" ? message : message.string(7, domain);
}

function initializer({ name, type, shape, content }: OnnxInitializer): Message {
  const message = new Message();
  for (const axis of shape) message.varint(1, axis);
  message.varint(2, ONNX_TYPE[type]).string(8, name);
  if ("bytes" in content) return message.bytes(9, content.bytes);
  for (const [key, value] of Object.entries(content)) {
    message.message(13, new Message().string(1, key).string(2, String(value)));
  }
  return message.varint(14, EXTERNAL);
}

function valueInfo({ name, type, shape }: OnnxValue): Message {
  const axes = new Message();
  for (const axis of shape) axes.message(1, new Message().varint(1, axis));
  const tensor = new Message().varint(1, ONNX_TYPE[type]).message(2, axes);
  return new Message().string(1, name).message(2, new Message().message(1, tensor));
}

/** The bytes of a model; under 2 GB as long as large weights are external. */
export function modelProto(model: OnnxModel): Uint8Array {
  const graph = new Message();
  for (const one of model.nodes) graph.message(1, node(one));
  graph.string(2, model.name);
  for (const one of model.initializers) graph.message(5, initializer(one));
  for (const one of model.inputs) graph.message(11, valueInfo(one));
  for (const one of model.outputs) graph.message(12, valueInfo(one));
  const opset = (domain: string, version: number) => new Message().string(1, domain).varint(2, version);
  return new Message()
    .varint(1, 10)
    .string(2, "fewstep")
    .message(7, graph)
    .message(8, opset("", 21))
    .message(8, opset("com.microsoft", 1))
    .finish();
}
