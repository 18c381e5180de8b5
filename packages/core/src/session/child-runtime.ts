// The Node runtime: graphs are compiled here and computed by ONNX Runtime in a child process that maps the weights from their files.
import { availableParallelism } from "node:os";
import { parse } from "node:path";
import { FewstepError } from "../errors.js";
import type { Graph } from "../graph/graph.js";
import { compile } from "../graph/onnx/compile.js";
import { CPU, type Dialect, WEBGPU } from "../graph/onnx/dialect.js";
import type { Tensor } from "../tensor/tensor.js";
import type { LazyTensor, Weights } from "../weights/weights.js";
import { ComputeProcess } from "./child-process.js";
import type { WireTensor } from "./protocol.js";
import type { LoadOptions, RunOptions, Runtime, Session } from "./session.js";

export interface ChildRuntimeOptions {
  /** Default "cpu". "webgpu", "cuda" and "dml" need what ONNX Runtime's package has for the platform. */
  readonly device?: "cpu" | "webgpu" | "cuda" | "dml";
  /** Default: as many as the machine runs at once. */
  readonly threads?: number;
}

const DIALECTS: Readonly<Record<NonNullable<ChildRuntimeOptions["device"]>, Dialect>> = {
  cpu: CPU,
  webgpu: WEBGPU,
  cuda: CPU,
  dml: CPU,
};

export function childRuntime({
  device = "cpu",
  threads = availableParallelism(),
}: ChildRuntimeOptions = {}): ChildRuntime {
  return new ChildRuntime(device, threads);
}

class ChildRuntime implements Runtime {
  private process: ComputeProcess | undefined;

  constructor(
    readonly device: "cpu" | "webgpu" | "cuda" | "dml",
    readonly threads: number,
  ) {}

  /** Of the computing process, once there is one. */
  get pid(): number | undefined {
    return this.process?.pid;
  }

  async load(graph: Graph, weights: Weights, { casts = "early", signal }: LoadOptions = {}): Promise<Session> {
    const roots = new Set<string>();
    const compiled = compile(graph, weights, {
      dialect: DIALECTS[this.device],
      casts,
      locate: (tensor) => locate(tensor, roots),
    });
    if (roots.size > 1) {
      throw new FewstepError({
        code: "files-on-several-drives",
        message: "the files of one network lie on several drives",
        found: [...roots].join(", "),
        hint: "move them to one drive",
      });
    }
    if (this.process === undefined || !this.process.alive) this.process = new ComputeProcess();
    const { process } = this;
    const { id, seconds } = await process.ask(
      {
        kind: "create",
        model: compiled.model,
        root: [...roots][0] ?? "/",
        device: this.device,
        threads: this.threads,
        unlink: [],
      },
      signal,
    );
    return new ChildSession(graph, process, id, seconds);
  }

  async dispose(): Promise<void> {
    await this.process?.stop();
    this.process = undefined;
  }
}

export type { ChildRuntime };

/** External data is named by its path from the drive's root: the only way to reach files in any folder. */
function locate(tensor: LazyTensor, roots: Set<string>): { location: string; offset: number } {
  const { path } = tensor.file;
  if (path === undefined) {
    throw new FewstepError({
      code: "file-without-path",
      message: "the Node runtime maps weights from files",
      found: `${tensor.file.name} has no path`,
    });
  }
  const { root } = parse(path);
  roots.add(root);
  return { location: path.slice(root.length), offset: tensor.offset };
}

class ChildSession implements Session {
  runSeconds = 0;

  constructor(
    readonly graph: Graph,
    private readonly process: ComputeProcess,
    private readonly handle: number,
    readonly createSeconds: number,
  ) {}

  async run(
    feeds: Readonly<Record<string, Tensor>>,
    { signal }: RunOptions = {},
  ): Promise<Readonly<Record<string, Tensor>>> {
    const reply = await this.process.ask(
      { kind: "run", session: this.handle, feeds: feeds as Record<string, WireTensor> },
      signal,
    );
    this.runSeconds += reply.seconds;
    return Object.fromEntries(
      Object.entries(reply.outputs!).map(([name, tensor]) => [name.slice("output:".length), tensor as Tensor]),
    );
  }

  async dispose(): Promise<void> {
    if (this.process.alive) await this.process.ask({ kind: "release", session: this.handle });
  }
}
