// What a runtime computes fastest and right: the choices that lowering makes, as data. session/probe.ts finds them out where they vary.
import type { OnnxType } from "./model-proto.js";

/**
 * How a late cast is tied to the activation before it. `reshape`: to a shape computed from it, which copies nothing but computes integers,
 * a CPU's work. `sum`: a zero computed from it is added to the stored weight, a pass over the weight in its own precision.
 */
export type LateCast = "reshape" | "sum";

export interface Dialect {
  readonly name: string;
  /** com.microsoft.FusedMatMul exists: [out, in] weights need no transposed copy. */
  readonly fusedMatMul: boolean;
  /** com.microsoft.MultiHeadAttention exists and is right; else MatMul, Softmax, MatMul. */
  readonly fusedAttention: boolean;
  /** com.microsoft.QuickGelu and Gelu exist. */
  readonly fusedActivations: boolean;
  /** Convolutions of an autoencoder are faster in Winograd's form (passes/winograd.ts): the runtime has none of its own. */
  readonly winograd: boolean;
  /** By stored type; a type that is absent is always cast early. */
  readonly lateCasts: Readonly<Partial<Record<OnnxType, LateCast>>>;
}

/** ONNX Runtime's CPU provider, native and WebAssembly. */
export const CPU: Dialect = {
  name: "cpu",
  fusedMatMul: true,
  fusedAttention: true,
  fusedActivations: true,
  winograd: true,
  lateCasts: { f16: "reshape", bf16: "reshape", f8e4m3: "reshape", f8e5m2: "reshape" },
};

/**
 * WebGPU, whatever the device: FusedMatMul would fall back to the CPU, MultiHeadAttention is wrong where subgroups are small, and half
 * precision is a feature that devices may lack. BF16 and F8 never are types there.
 */
export const WEBGPU: Dialect = {
  name: "webgpu",
  fusedMatMul: false,
  fusedAttention: false,
  fusedActivations: true,
  winograd: false,
  lateCasts: {},
};

/** Standard ops only: what any runtime must run. */
export const PORTABLE: Dialect = {
  name: "portable",
  fusedMatMul: false,
  fusedAttention: false,
  fusedActivations: false,
  winograd: false,
  lateCasts: {},
};
