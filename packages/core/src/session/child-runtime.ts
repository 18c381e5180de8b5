// The Node runtime: graphs are compiled here and computed by ONNX Runtime in a child process that maps the weights from their files.
import { availableParallelism } from "node:os";
import { parse } from "node:path";
import { FewstepError } from "../errors.js";
import type { Graph } from "../graph/graph.js";
import { compile } from "../graph/onnx/compile.js";
import type { FoldSink } from "../graph/passes/fold-sink.js";
import type { Tensor } from "../tensor/tensor.js";
import type { LazyTensor, Weights } from "../weights/weights.js";
import { ComputeProcess } from "./child-process.js";
import { foldFile } from "./fold-file.js";
import { DEVICES, type Device } from "./ort-runtime.js";
import { type ProbeReport, probe } from "./probe.js";
import type { WireTensor } from "./protocol.js";
import type { LoadOptions, RunOptions, Runtime, Session } from "./session.js";

export type ChildDevice = Exclude<Device, "wasm">;

export interface ChildRuntimeOptions {
  /** Default "cpu". "webgpu", "cuda" and "dml" need what ONNX Runtime's package has for the platform. */
  readonly device?: ChildDevice;
  /** Default: as many as the machine runs at once. */
  readonly threads?: number;
}

export function childRuntime({
  device = "cpu",
  threads = availableParallelism(),
}: ChildRuntimeOptions = {}): ChildRuntime {
  return new ChildRuntime(device, threads);
}

class ChildRuntime implements Runtime {
  private process: ComputeProcess | undefined;
  private probed: Promise<ProbeReport> | undefined;

  constructor(
    readonly device: ChildDevice,
    readonly threads: number,
  ) {}

  /** Of the computing process, once there is one. */
  get pid(): number | undefined {
    return this.process?.pid;
  }

  /** Starts the computing process now, beside what its owner does until the first load. */
  start(): void {
    this.running();
  }

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

  async load(
    graph: Graph,
    weights: Weights,
    { casts = "early", winograd = false, signal }: LoadOptions = {},
  ): Promise<Session> {
    const { dialect, probed } = DEVICES[this.device];
    const roots = new Set<string>();
    const compiled = compile(graph, weights, {
      dialect: probed ? (await this.probe(signal)).dialect : dialect,
      casts,
      winograd,
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
    const { process, id, seconds } = await this.create(compiled.model, [...roots][0] ?? "/", signal);
    return new ChildSession(graph, process, id, seconds);
  }

  foldSink(): FoldSink {
    return foldFile();
  }

  async dispose(): Promise<void> {
    await this.process?.stop();
    this.process = undefined;
  }

  /** Disposes without waiting: for who ends as well, since to free gigabytes takes the system a quarter of a second. */
  abandon(): void {
    this.process?.kill();
    this.process = undefined;
  }

  private running(): ComputeProcess {
    if (this.process === undefined || !this.process.alive) this.process = new ComputeProcess();
    return this.process;
  }

  private async create(model: Uint8Array, root: string, signal: AbortSignal | undefined) {
    const process = this.running();
    const { device, threads } = this;
    const request = { kind: "create", model, root, device, threads } as const;
    return { ...(await process.ask(request, signal)), process };
  }

  private async tryModel(model: Uint8Array, feeds: Readonly<Record<string, Tensor>>, signal?: AbortSignal) {
    const { process, id } = await this.create(model, "/", signal);
    const { outputs } = await process.ask(
      { kind: "run", session: id, feeds: feeds as Record<string, WireTensor> },
      signal,
    );
    await process.ask({ kind: "release", session: id }, signal);
    return outputs as Readonly<Record<string, Tensor>>;
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
    return reply.outputs as Readonly<Record<string, Tensor>>;
  }

  async dispose(): Promise<void> {
    if (this.process.alive) await this.process.ask({ kind: "release", session: this.handle });
  }
}
