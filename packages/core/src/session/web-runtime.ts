// The browser runtime: graphs are computed by onnxruntime-web, WebAssembly or WebGPU, with weights that stay in the user's files.
// A run on WebAssembly blocks its thread: use it in a Worker. Threads need a page with COOP and COEP headers.
import { FewstepError, interrupted } from "../errors.js";
import type { Graph } from "../graph/graph.js";
import { compile } from "../graph/onnx/compile.js";
import type { Tensor } from "../tensor/tensor.js";
import type { Weights } from "../weights/weights.js";
import { DEVICES, runSession, runtimeError, sessionOptions } from "./ort-runtime.js";
import type { OrtModule, OrtSession } from "./ort-tensors.js";
import { type ProbeReport, probe } from "./probe.js";
import type { LoadOptions, RunOptions, Runtime, Session } from "./session.js";
import { WebMounts } from "./web-mounts.js";

export type WebDevice = "wasm" | "webgpu";

/** The part of onnxruntime-web that is used. Its entry "onnxruntime-web/jspi" has both devices and reads weights as they are needed. */
export interface WebOrtModule extends OrtModule {
  readonly env: { readonly wasm: { numThreads?: number | undefined } };
}

export interface WebRuntimeOptions {
  /** Default "wasm". "webgpu" refuses graphs that would be computed in part on the CPU. */
  readonly device?: WebDevice;
  /** The module: `import * as ort from "onnxruntime-web/jspi"`. */
  readonly ort: WebOrtModule;
  /**
   * Of WebAssembly; counts before the module's first session. Default: all cores of a cross-origin isolated page, else 1; on WebGPU 1.
   */
  readonly threads?: number;
}

/** @throws FewstepError `threads-need-isolation` */
export function webRuntime({ device = "wasm", ort, threads }: WebRuntimeOptions): WebRuntime {
  const isolated = (globalThis as { crossOriginIsolated?: boolean }).crossOriginIsolated === true;
  if (threads !== undefined && threads > 1 && !isolated) {
    throw new FewstepError({
      code: "threads-need-isolation",
      message: "several threads need a cross-origin isolated page",
      found: `${threads} threads asked for on a page that is not isolated`,
      hint: "serve the page with Cross-Origin-Opener-Policy: same-origin and Cross-Origin-Embedder-Policy: require-corp",
    });
  }
  const cores = (globalThis as { navigator?: { hardwareConcurrency?: number } }).navigator?.hardwareConcurrency ?? 1;
  const used = threads ?? (isolated && device === "wasm" ? cores : 1);
  ort.env.wasm.numThreads = used;
  return new WebRuntime(device, used, ort);
}

class WebRuntime implements Runtime {
  private readonly sessions = new Set<WebSession>();
  private probed: Promise<ProbeReport> | undefined;
  /** onnxruntime-web does one thing at a time. */
  private last: Promise<unknown> = Promise.resolve();

  constructor(
    readonly device: WebDevice,
    readonly threads: number,
    private readonly ort: WebOrtModule,
  ) {}

  /** Finds out what the device does right, once. @throws FewstepError `device-wrong`, `device-missing`, `nodes-on-cpu` */
  probe(signal?: AbortSignal): Promise<ProbeReport> {
    this.probed ??= probe((...model) => this.tryModel(...model), DEVICES[this.device].dialect, signal).catch(
      (error) => {
        this.probed = undefined;
        throw error;
      },
    );
    return this.probed;
  }

  /** `signal` is heeded between the runtime's calls, which cannot be stopped. */
  async load(graph: Graph, weights: Weights, { casts = "early", signal }: LoadOptions = {}): Promise<Session> {
    const { dialect, probed } = DEVICES[this.device];
    const mounts = new WebMounts();
    const compiled = compile(graph, weights, {
      dialect: probed ? (await this.probe(signal)).dialect : dialect,
      casts,
      locate: mounts.locate,
    });
    const { session, seconds } = await this.create(compiled.model, mounts, signal);
    const loaded = new WebSession(graph, seconds, {
      run: (feeds, stop) => this.inTurn(() => runSession(this.ort, session, feeds), stop),
      dispose: async () => {
        if (this.sessions.delete(loaded)) await this.inTurn(() => session.release());
      },
    });
    this.sessions.add(loaded);
    return loaded;
  }

  async dispose(): Promise<void> {
    for (const session of this.sessions) await session.dispose();
  }

  private async create(
    model: Uint8Array,
    mounts: WebMounts,
    signal: AbortSignal | undefined,
  ): Promise<{ readonly session: OrtSession; readonly seconds: number }> {
    const externalData = mounts.externalData(signal);
    return this.inTurn(async () => {
      const start = performance.now();
      const options = { ...sessionOptions(this.device), externalData };
      const session = await this.ort.InferenceSession.create(model, options);
      if (signal?.aborted) await session.release();
      return { session, seconds: (performance.now() - start) / 1000 };
    }, signal);
  }

  private async tryModel(model: Uint8Array, feeds: Readonly<Record<string, Tensor>>, signal?: AbortSignal) {
    const { session } = await this.create(model, new WebMounts(), signal);
    try {
      const { outputs } = await this.inTurn(() => runSession(this.ort, session, feeds), signal);
      return outputs;
    } finally {
      await this.inTurn(() => session.release());
    }
  }

  private inTurn<T>(work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    const turn = this.last.then(async () => {
      if (signal?.aborted) throw interrupted();
      const result = await work().catch((error: unknown) => {
        throw error instanceof FewstepError ? error : runtimeError(wordsOf(error), error);
      });
      if (signal?.aborted) throw interrupted();
      return result;
    });
    this.last = turn.catch(() => {});
    return turn;
  }
}

export type { WebRuntime };

interface WebCalls {
  run(
    feeds: Readonly<Record<string, Tensor>>,
    signal?: AbortSignal,
  ): Promise<{ readonly outputs: Readonly<Record<string, Tensor>>; readonly seconds: number }>;
  dispose(): Promise<void>;
}

class WebSession implements Session {
  runSeconds = 0;
  readonly dispose: () => Promise<void>;

  constructor(
    readonly graph: Graph,
    readonly createSeconds: number,
    private readonly calls: WebCalls,
  ) {
    this.dispose = calls.dispose;
  }

  async run(feeds: Readonly<Record<string, Tensor>>, { signal }: RunOptions = {}) {
    const { outputs, seconds } = await this.calls.run(feeds, signal);
    this.runSeconds += seconds;
    return outputs;
  }
}

/** WebAssembly throws a number for a C++ exception, nearly always the one for lack of memory. */
const wordsOf = (error: unknown): string =>
  error instanceof Error ? error.message : `C++ exception ${error}, most likely out of memory`;
