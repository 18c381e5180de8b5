// Graph + Weights -> ONNX model bytes whose initialisers point INTO the user's files. Nothing is read here.
import { FewstepError } from "../../errors.js";
import { elementCount } from "../../tensor/shape.js";
import type { LazyTensor, Weights } from "../../weights/weights.js";
import type { Graph, Node, NodeOf, Value } from "../graph.js";
import type { OpName } from "../ops/op-attributes.js";
import { withWinograd } from "../passes/winograd.js";
import type { Dialect, LateCast } from "./dialect.js";
import { Emitter } from "./emitter.js";
import { type Lowering, lowerings } from "./lower.js";
import { modelProto, ONNX_TYPE, type OnnxInitializer, type OnnxType } from "./model-proto.js";

/**
 * When weights of another precision become f32: `early` lets the runtime fold the cast once at load (f32 copies in memory, nothing
 * a step); `late` ties it to the activation that needs it (the file stays mapped, the cast is paid every step), for the stored types
 * whose late cast the dialect knows a way for.
 */
export type CastPolicy = "early" | "late";

export interface CompileOptions {
  readonly dialect: Dialect;
  readonly casts: CastPolicy;
  /** Large convolutions in Winograd's form, where the dialect has use for it; default false. */
  readonly winograd?: boolean;
  /** How the runtime will name a file's bytes, or the bytes themselves where they are few; the platform decides. */
  readonly locate: (
    tensor: LazyTensor,
  ) => { readonly location: string; readonly offset: number } | { readonly bytes: Uint8Array };
}

export interface CompiledGraph {
  readonly model: Uint8Array;
  readonly inputs: readonly Value[];
  readonly outputs: readonly { readonly name: string; readonly shape: readonly number[] }[];
  /** The files that initialisers point into. */
  readonly files: ReadonlySet<LazyTensor["file"]>;
  /** Bytes of all weights as they lie in the files, and as f32. */
  readonly weightBytes: { readonly stored: number; readonly f32: number };
}

/**
 * Weights of no more elements are cast early whatever the policy: thousands of small ones (norms, biases, adapters' factors) hold little
 * memory, but each late cast is several nodes, and a graph of too many takes tens of seconds to create.
 */
export const EARLY_ELEMENTS = 2 ** 17;

export function compile(
  source: Graph,
  weights: Weights,
  { dialect, casts, winograd = false, locate }: CompileOptions,
): CompiledGraph {
  const graph = winograd && dialect.winograd ? withWinograd(source) : source;
  const emit = new Emitter();
  const names = new Map<string, string>(graph.inputs.map((input) => [input.id, input.id]));
  const initializers: OnnxInitializer[] = graph.constants.map(({ id, dtype, shape, data }) => {
    names.set(id, id);
    const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    return { name: id, type: dtype === "i64" ? "i64" : "f32", shape, content: { bytes } };
  });
  const files = new Set<LazyTensor["file"]>();
  const late = new Map<string, { readonly type: OnnxType; readonly way: LateCast }>();
  const weightBytes = { stored: 0, f32: 0 };
  for (const weight of graph.weights) {
    const tensor = bind(graph, weight, weights);
    const type = onnxType(tensor);
    files.add(tensor.file);
    weightBytes.stored += tensor.byteLength;
    weightBytes.f32 += 4 * elementCount(weight.shape);
    const place = locate(tensor);
    const content = "bytes" in place ? place : { ...place, length: tensor.byteLength };
    initializers.push({ name: weight.id, type, shape: weight.shape, content });
    const way = casts === "late" && elementCount(weight.shape) > EARLY_ELEMENTS ? dialect.lateCasts[type] : undefined;
    if (type === "f32") names.set(weight.id, weight.id);
    else if (way === undefined) names.set(weight.id, castTo(emit, weight.id, "f32"));
    else late.set(weight.id, { type, way });
  }
  let previous: string | undefined;
  const nameIn = (node: Node, index: number): string => {
    const input = node.inputs[index];
    if (input === undefined) return "";
    const known = names.get(input.id);
    if (known !== undefined) return known;
    const stored = late.get(input.id);
    if (stored === undefined)
      throw new RangeError(`${graph.name}: ${node.output.id} reads ${input.id}, which nothing makes`);
    const tied = previous === undefined ? input.id : TIES[stored.way](emit, input, stored.type, previous);
    return castTo(emit, tied, "f32");
  };
  for (const node of graph.nodes) {
    names.set(node.output.id, node.output.id);
    lower(emit, node, (index) => nameIn(node, index), dialect);
    previous = node.output.id;
  }
  const outputs = graph.outputs.map(({ name, value }) => {
    emit.node("Identity", [names.get(value.id)!], {}, `output:${name}`);
    return { name: `output:${name}`, type: "f32" as const, shape: value.shape };
  });
  const model = modelProto({
    name: graph.name,
    inputs: graph.inputs.map(({ id, dtype, shape }) => ({ name: id, type: dtype, shape })),
    outputs,
    initializers: [...initializers, ...emit.initializers],
    nodes: emit.nodes,
  });
  return { model, inputs: graph.inputs, outputs, files, weightBytes };
}

function lower<O extends OpName>(
  emit: Emitter,
  node: NodeOf<O>,
  name: (index: number) => string,
  dialect: Dialect,
): void {
  (lowerings[node.op] as Lowering<O>)(emit, node, name, dialect);
}

const castTo = (emit: Emitter, source: string, type: OnnxType): string =>
  emit.node("Cast", [source], { to: { int: ONNX_TYPE[type] } });

/** A zero that no runtime knows before `tie`, the output of the node before, exists: 0 for numbers and for NaN alike. */
function lateZero(emit: Emitter, tie: string, type: OnnxType): string {
  const flat = emit.node("Reshape", [tie, emit.ints([-1])]);
  const first = emit.node("Slice", [flat, emit.ints([0]), emit.ints([1])]);
  const one = castTo(emit, emit.node("Equal", [first, first]), type);
  return emit.node("Sub", [one, one]);
}

/** The weight as it is stored, but not before `tie`: so that a runtime neither folds its cast nor hoists all casts to the front. */
const TIES: Readonly<Record<LateCast, (emit: Emitter, weight: Value, type: OnnxType, tie: string) => string>> = {
  reshape: (emit, weight, _, tie) =>
    emit.node("Reshape", [weight.id, emit.node("Add", [emit.ints(weight.shape), lateZero(emit, tie, "i64")])]),
  sum: (emit, weight, type, tie) => emit.node("Add", [weight.id, lateZero(emit, tie, type)]),
};

function bind(graph: Graph, weight: Value, weights: Weights): LazyTensor {
  const tensor = weights.get(weight.id);
  if (tensor === undefined) {
    throw new FewstepError({
      code: "weight-missing",
      message: `the ${graph.name} lacks a weight`,
      found: `no ${weight.id}`,
      expected: `${weight.id} of shape [${weight.shape}]`,
      hint: "the file is incomplete or of another model family; see `fewstep inspect`",
    });
  }
  if (elementCount(tensor.shape) !== elementCount(weight.shape)) {
    throw new FewstepError({
      code: "weight-shape",
      message: `a weight of the ${graph.name} has another shape`,
      found: `${tensor.name} [${tensor.shape}] in ${tensor.file.name}`,
      expected: `[${weight.shape}]`,
      hint: "the file belongs to another model family or is damaged",
    });
  }
  return tensor;
}

function onnxType(tensor: LazyTensor): OnnxType {
  if (Object.hasOwn(ONNX_TYPE, tensor.dtype)) return tensor.dtype as OnnxType;
  throw new FewstepError({
    code: "weight-dtype",
    message: `cannot compute with a ${tensor.dtype} weight`,
    found: `${tensor.name} in ${tensor.file.name}`,
    expected: "F32, F16, BF16, F8_E4M3 or F8_E5M2",
    hint: "get the file in one of these precisions",
  });
}
