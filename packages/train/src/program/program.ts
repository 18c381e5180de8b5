// A Program is one graph of a training run, with the names of what it reads from and writes to the runner's memory. Vectors that live
// there (weights, moments, averages) are called residents: they are not fed and not answered, so on a GPU they never leave it.
import type { Graph, Tensor } from "@fewstep/core";

export interface Program {
  readonly name: string;
  readonly graph: Graph;
  /** Inputs that are residents; an input's name is the resident's. All other inputs are fed. */
  readonly residents: ReadonlySet<string>;
  /** Graph output -> the resident that it replaces. All other outputs are answered. */
  readonly updates: ReadonlyMap<string, string>;
}

export type Tensors = Readonly<Record<string, Tensor>>;

/** Where programs run and residents live. */
export interface StepRunner {
  /** "cpu" or "webgpu". */
  readonly device: string;
  set(resident: string, values: Float32Array): Promise<void>;
  /** A copy. Throws `unknown-resident`. */
  get(resident: string): Promise<Float32Array>;
  /** Runs the program once; residents change only when all of it succeeded. */
  run(program: Program, feeds: Tensors, signal?: AbortSignal): Promise<Tensors>;
  dispose(): Promise<void>;
}
