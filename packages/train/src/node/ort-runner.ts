// The step runner over onnxruntime-node, in this process: training computes and nothing else, so a blocked event loop harms nobody.
// On the CPU residents are arrays; on WebGPU they are buffers on the GPU that one run writes and the next one reads.
import { parse } from "node:path";
import {
  CPU,
  compile,
  type Dialect,
  FewstepError,
  GraphBuilder,
  type LazyTensor,
  type Tensor,
  WEBGPU,
  type Weights,
  weightsOf,
} from "@fewstep/core";
import * as ort from "onnxruntime-node";
import type { Program, StepRunner, Tensors } from "../program/program.js";

export interface OrtRunnerOptions {
  /** Default "cpu". */
  readonly device?: "cpu" | "webgpu";
  /** Default: what ONNX Runtime chooses. */
  readonly threads?: number;
  /** Files that hold the weights that no resident holds; default none. */
  readonly weights?: Weights;
  /** Refuse a WebGPU program of which one op would run on the CPU. Default true. */
  readonly strict?: boolean;
}

interface Device {
  readonly dialect: Dialect;
  readonly location: "cpu" | "gpu-buffer";
}

const DEVICES: Readonly<Record<"cpu" | "webgpu", Device>> = {
  cpu: { dialect: CPU, location: "cpu" },
  webgpu: { dialect: WEBGPU, location: "gpu-buffer" },
};

export function ortRunner(options: OrtRunnerOptions = {}): StepRunner {
  return new OrtRunner(options);
}

const OUTPUT = "output:";

class OrtRunner implements StepRunner {
  readonly device: "cpu" | "webgpu";
  private readonly residents = new Map<string, ort.Tensor>();
  private readonly sessions = new Map<Program, Promise<ort.InferenceSession>>();
  private readonly copies = new Map<string, Promise<ort.InferenceSession>>();

  constructor(private readonly options: OrtRunnerOptions) {
    this.device = options.device ?? "cpu";
  }

  async set(resident: string, values: Float32Array): Promise<void> {
    const given = new ort.Tensor("float32", values.slice(), [values.length]);
    this.keep(resident, this.device === "cpu" ? given : await this.copy(given, "gpu-buffer"));
  }

  async get(resident: string): Promise<Float32Array> {
    const tensor = this.resident(resident);
    // getData() of a GPU tensor aborts the process in ONNX Runtime 1.30: read it as the CPU output of a copy
    const read = tensor.location === "cpu" ? tensor : await this.copy(tensor, "cpu");
    return (read.data as Float32Array).slice();
  }

  async run(program: Program, feeds: Tensors, signal?: AbortSignal): Promise<Tensors> {
    if (signal?.aborted) throw new FewstepError({ code: "interrupted", kind: "interrupted", message: "interrupted" });
    const session = await this.session(program);
    const inputs: Record<string, ort.Tensor> = {};
    for (const { id, shape } of program.graph.inputs) inputs[id] = this.input(program, id, shape, feeds);
    const results = await session.run(inputs);
    const answers: Record<string, Tensor> = {};
    for (const { name } of program.graph.outputs) {
      const tensor = results[OUTPUT + name]!;
      const resident = program.updates.get(name);
      if (resident === undefined)
        answers[name] = { dtype: "f32", shape: tensor.dims, data: tensor.data as Float32Array };
      else this.keep(resident, tensor);
    }
    return answers;
  }

  async dispose(): Promise<void> {
    // buffers first: a GPU's are freed by the device that the last session takes with it
    for (const tensor of this.residents.values()) tensor.dispose();
    this.residents.clear();
    for (const session of [...this.sessions.values(), ...this.copies.values()]) await (await session).release();
    this.sessions.clear();
    this.copies.clear();
  }

  private input(program: Program, id: string, shape: readonly number[], feeds: Tensors): ort.Tensor {
    if (program.residents.has(id)) return this.resident(id);
    const fed = feeds[id];
    if (fed === undefined || fed.dtype !== "f32" || fed.shape.join() !== shape.join()) {
      throw new RangeError(
        `${program.name}: input ${id} wants f32 [${shape}], was fed ${fed && `${fed.dtype} [${fed.shape}]`}`,
      );
    }
    return new ort.Tensor("float32", fed.data, fed.shape);
  }

  private resident(name: string): ort.Tensor {
    const tensor = this.residents.get(name);
    if (tensor !== undefined) return tensor;
    throw new FewstepError({ code: "unknown-resident", kind: "failed", message: `nothing was stored as ${name}` });
  }

  private keep(name: string, tensor: ort.Tensor): void {
    this.residents.get(name)?.dispose();
    this.residents.set(name, tensor);
  }

  private session(program: Program): Promise<ort.InferenceSession> {
    const known = this.sessions.get(program);
    if (known !== undefined) return known;
    const session = this.create(program);
    this.sessions.set(program, session);
    return session;
  }

  private async create({ graph, updates }: Program): Promise<ort.InferenceSession> {
    const { dialect, location } = DEVICES[this.device];
    const roots = new Set<string>();
    const locate = ({ file, offset }: LazyTensor) => {
      if (file.path === undefined)
        throw new FewstepError({ code: "file-without-path", message: `${file.name} does not lie on a disk` });
      const { root } = parse(file.path);
      roots.add(root);
      return { location: file.path.slice(root.length), offset };
    };
    const { model } = compile(graph, this.options.weights ?? weightsOf([]), { dialect, casts: "early", locate });
    const preferred = graph.outputs.map(({ name }) => [OUTPUT + name, updates.has(name) ? location : "cpu"] as const);
    return this.open(model, Object.fromEntries(preferred), [...roots][0] ?? "/");
  }

  /** Copies through a one-node session whose output lies where it is wanted. */
  private async copy(tensor: ort.Tensor, location: "cpu" | "gpu-buffer"): Promise<ort.Tensor> {
    const length = tensor.dims[0]!;
    const key = `${location}:${length}`;
    const session = this.copies.get(key) ?? this.copier(length, location);
    this.copies.set(key, session);
    return (await (await session).run({ x: tensor }))[`${OUTPUT}x`]!;
  }

  private copier(length: number, location: "cpu" | "gpu-buffer"): Promise<ort.InferenceSession> {
    const b = new GraphBuilder("copy");
    const graph = b.finish([{ name: "x", value: b.op("Affine", [b.input("x", [length])], { scale: 1, shift: 0 }) }]);
    const { model } = compile(graph, weightsOf([]), {
      dialect: DEVICES[this.device].dialect,
      casts: "early",
      locate: () => ({ location: "", offset: 0 }),
    });
    return this.open(model, { [`${OUTPUT}x`]: location }, "/");
  }

  private open(
    model: Uint8Array,
    preferred: Readonly<Record<string, "cpu" | "gpu-buffer">>,
    root: string,
  ): Promise<ort.InferenceSession> {
    const { threads, strict = true } = this.options;
    return ort.InferenceSession.create(model, {
      executionProviders: [this.device],
      graphOptimizationLevel: "extended",
      executionMode: "sequential",
      ...(threads === undefined ? {} : { intraOpNumThreads: threads, interOpNumThreads: 1 }),
      ...(this.device === "webgpu" ? { preferredOutputLocation: preferred } : {}),
      logSeverityLevel: 3,
      extra: {
        session: {
          model_external_initializers_file_folder_path: root,
          ...(this.device === "webgpu" && strict ? { disable_cpu_ep_fallback: "1" } : {}),
        },
      },
    });
  }
}
