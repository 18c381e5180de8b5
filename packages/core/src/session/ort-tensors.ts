// Tensors across the border of ONNX Runtime's JavaScript API.
import { FewstepError } from "../errors.js";
import type { Tensor } from "../tensor/tensor.js";

/** The part of onnxruntime-common that is used: satisfied by onnxruntime-node and onnxruntime-web. */
export interface OrtTensor {
  readonly type: string;
  readonly dims: readonly number[];
  readonly data: unknown;
}
export interface OrtSession {
  readonly outputNames: readonly string[];
  run(feeds: Record<string, OrtTensor>): Promise<Record<string, OrtTensor>>;
  release(): Promise<void>;
}
export interface OrtModule {
  readonly Tensor: new (
    type: "float32" | "int64",
    data: Float32Array | BigInt64Array,
    dims: readonly number[],
  ) => OrtTensor;
  readonly InferenceSession: { create(model: Uint8Array, options: Record<string, unknown>): Promise<OrtSession> };
}

export function toOrt(ort: OrtModule, tensor: Tensor): OrtTensor {
  switch (tensor.dtype) {
    case "f32":
      return new ort.Tensor("float32", tensor.data, tensor.shape);
    case "i64":
      return new ort.Tensor("int64", tensor.data, tensor.shape);
    default:
      throw new RangeError(`a ${tensor.dtype} tensor cannot be fed to a graph`);
  }
}

export function fromOrt(name: string, tensor: OrtTensor): Tensor {
  if (tensor.type === "float32") return { dtype: "f32", shape: [...tensor.dims], data: tensor.data as Float32Array };
  if (tensor.type === "int64") return { dtype: "i64", shape: [...tensor.dims], data: tensor.data as BigInt64Array };
  throw new FewstepError({
    code: "runtime-output",
    kind: "failed",
    message: "the runtime answered an unexpected tensor",
    found: `${name} of type ${tensor.type}`,
    expected: "float32 or int64",
  });
}
