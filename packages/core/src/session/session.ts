// What the rest of fewstep knows of a runtime: load a graph, run it, let it go. Nothing here names a platform.
import type { Graph } from "../graph/graph.js";
import type { CastPolicy } from "../graph/onnx/compile.js";
import type { FoldSink } from "../graph/passes/fold-sink.js";
import type { Tensor } from "../tensor/tensor.js";
import type { Weights } from "../weights/weights.js";

export interface LoadOptions {
  /** Default "early". */
  readonly casts?: CastPolicy;
  /** Large convolutions in Winograd's form where the device is faster by it; default false. */
  readonly winograd?: boolean;
  readonly signal?: AbortSignal;
}

export interface RunOptions {
  readonly signal?: AbortSignal;
}

/** A loaded graph. */
export interface Session {
  readonly graph: Graph;
  /** Seconds the runtime took to create it. */
  readonly createSeconds: number;
  /** Feeds every input of the graph; answers every output. Seconds spent inside the runtime add up in `runSeconds`. */
  run(feeds: Readonly<Record<string, Tensor>>, options?: RunOptions): Promise<Readonly<Record<string, Tensor>>>;
  readonly runSeconds: number;
  dispose(): Promise<void>;
}

/** What makes sessions. */
export interface Runtime {
  /** Where it computes: "cpu", "webgpu", "wasm" ... as really chosen. */
  readonly device: string;
  load(graph: Graph, weights: Weights, options?: LoadOptions): Promise<Session>;
  /** A place for folded weights that this runtime can load from; absent where it has none. */
  foldSink?(): FoldSink;
  dispose(): Promise<void>;
}
