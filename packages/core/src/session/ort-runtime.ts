// What every runtime over ONNX Runtime's JavaScript API shares: session options by device, a timed run, and its errors in our words.
import { FewstepError } from "../errors.js";
import { CPU, type Dialect, WEBGPU } from "../graph/onnx/dialect.js";
import type { Tensor } from "../tensor/tensor.js";
import { fromOrt, type OrtModule, type OrtSession, toOrt } from "./ort-tensors.js";

export type Device = "cpu" | "wasm" | "webgpu" | "cuda" | "dml";

export interface DeviceTraits {
  /** What holds on every such device; where `probed`, probe.ts adds what this one does right. */
  readonly dialect: Dialect;
  readonly probed: boolean;
  /** In order of preference. */
  readonly providers: readonly string[];
  /** False: a graph is refused rather than computed in part on the CPU. */
  readonly cpuFallback: boolean;
  /** Weights in the runtime's own layout: false keeps them mapped and starts at once, true saves a transposition a step on a GPU. */
  readonly prepack: boolean;
}

export const DEVICES: Readonly<Record<Device, DeviceTraits>> = {
  cpu: { dialect: CPU, probed: false, providers: ["cpu"], cpuFallback: true, prepack: false },
  wasm: { dialect: CPU, probed: false, providers: ["wasm"], cpuFallback: true, prepack: false },
  webgpu: { dialect: WEBGPU, probed: true, providers: ["webgpu"], cpuFallback: false, prepack: true },
  cuda: { dialect: CPU, probed: false, providers: ["cuda", "cpu"], cpuFallback: true, prepack: false },
  dml: { dialect: CPU, probed: false, providers: ["dml", "cpu"], cpuFallback: true, prepack: false },
};

/** Options of InferenceSession.create; `extra` are further entries of its session configuration. */
export function sessionOptions(device: Device, extra: Readonly<Record<string, string>> = {}): Record<string, unknown> {
  const { providers, cpuFallback, prepack } = DEVICES[device];
  return {
    executionProviders: providers,
    // "all" takes longer to create than a few steps win back
    graphOptimizationLevel: "extended",
    executionMode: "sequential",
    logSeverityLevel: 3,
    extra: {
      session: {
        disable_prepacking: prepack ? "0" : "1",
        ...(cpuFallback ? {} : { disable_cpu_ep_fallback: "1" }),
        ...extra,
      },
    },
  };
}

export interface TimedOutputs {
  readonly outputs: Readonly<Record<string, Tensor>>;
  /** Inside the runtime. */
  readonly seconds: number;
}

/** The prefix that compile gives the names of outputs, which may be names of inner values too. */
const OUTPUT_PREFIX = "output:";

export async function runSession(
  ort: OrtModule,
  session: OrtSession,
  feeds: Readonly<Record<string, Tensor>>,
): Promise<TimedOutputs> {
  const given = Object.fromEntries(Object.entries(feeds).map(([name, tensor]) => [name, toOrt(ort, tensor)]));
  const start = performance.now();
  const results = await session.run(given);
  const seconds = (performance.now() - start) / 1000;
  const outputs = Object.fromEntries(
    Object.entries(results).map(([name, tensor]) => [name.slice(OUTPUT_PREFIX.length), fromOrt(name, tensor)]),
  );
  return { outputs, seconds };
}

interface KnownFailure {
  readonly sign: RegExp;
  readonly code: string;
  readonly message: string;
  readonly hint: string;
}

/** What ONNX Runtime's own words mean. */
const FAILURES: readonly KnownFailure[] = [
  {
    sign: /fallback to CPU EP has been explicitly disabled/,
    code: "nodes-on-cpu",
    message: "a part of the network would be computed on the CPU",
    hint: "use the CPU as device: a mixture is slower than either",
  },
  {
    sign: /requires f16 but the device does not support it/,
    code: "device-lacks-f16",
    message: "the device cannot compute in half precision",
    hint: 'load with casts "early"',
  },
  {
    sign: /no available backend found|Failed to load shared library|Failed to get (a )?(GPU|WebGPU) (adapter|device)|WebGPU is not supported|No adapter/i,
    code: "device-missing",
    message: "the device is not there",
    hint: "check the graphics driver, or use the CPU as device",
  },
  {
    sign: /Instance reference no longer exists|device (is|was) lost|map async was not successful/i,
    code: "device-lost",
    message: "the graphics device went away",
    hint: "start again; if it happens again, try a smaller size: drivers stop what takes too long or too much memory",
  },
  {
    sign: /bad_alloc|out of memory|allocation failed|Can't allocate|memory access out of bounds/i,
    code: "out-of-memory",
    message: "the memory ran out",
    hint: "try a smaller size, TAESD in place of the VAE, or fewer pictures at once",
  },
];

/** @param message what ONNX Runtime said */
export function runtimeError(message: string, cause?: unknown): FewstepError {
  const known = FAILURES.find(({ sign }) => sign.test(message));
  return new FewstepError({
    code: known?.code ?? "runtime-failed",
    kind: "failed",
    message: known?.message ?? "ONNX Runtime could not do it",
    found: message.trim().slice(0, 1000),
    ...(known && { hint: known.hint }),
    ...(cause !== undefined && { cause }),
  });
}
