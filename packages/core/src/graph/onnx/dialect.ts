// What a runtime computes fastest and right: the choices that lowering makes, as data. probe.ts finds them out where they vary.

export interface Dialect {
  readonly name: string;
  /** com.microsoft.FusedMatMul exists: [out, in] weights need no transposed copy. */
  readonly fusedMatMul: boolean;
  /** com.microsoft.MultiHeadAttention exists and is right; else MatMul, Softmax, MatMul. */
  readonly fusedAttention: boolean;
  /** com.microsoft.QuickGelu and Gelu exist. */
  readonly fusedActivations: boolean;
}

/** ONNX Runtime's CPU provider, native and WebAssembly. */
export const CPU: Dialect = { name: "cpu", fusedMatMul: true, fusedAttention: true, fusedActivations: true };

/** WebGPU: MultiHeadAttention is wrong there with subgroups on, FusedMatMul falls back to the CPU. */
export const WEBGPU: Dialect = { name: "webgpu", fusedMatMul: false, fusedAttention: false, fusedActivations: true };

/** Standard ops only: what any runtime must run. */
export const PORTABLE: Dialect = {
  name: "portable",
  fusedMatMul: false,
  fusedAttention: false,
  fusedActivations: false,
};
