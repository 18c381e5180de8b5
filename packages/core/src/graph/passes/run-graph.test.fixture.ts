// Runs a graph in this process by ONNX Runtime, over files in a temporary folder: for tests of passes.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as ort from "onnxruntime-node";
import type { Tensor } from "../../tensor/tensor.js";
import { bytesOf, type TensorSpec } from "../../weights/adapters/adapter-file.test.fixture.js";
import { openSafetensors, type SafetensorsFile } from "../../weights/safetensors.js";
import type { Weights } from "../../weights/weights.js";
import type { Graph } from "../graph.js";
import { compile } from "../onnx/compile.js";
import { PORTABLE } from "../onnx/dialect.js";
import type { FoldSink } from "./fold-sink.js";

export class GraphBench {
  private readonly folder = mkdtempSync(join(tmpdir(), "fewstep-test-"));
  private count = 0;

  dispose(): void {
    rmSync(this.folder, { recursive: true });
  }

  async file(tensors: Readonly<Record<string, TensorSpec>>): Promise<SafetensorsFile> {
    const { path, blob, name } = this.store(await bytesOf(tensors));
    return openSafetensors({ name, path, blob });
  }

  /** A sink whose file is stored when it is finished. */
  sink(): FoldSink {
    const pieces: Uint8Array[] = [];
    return {
      write: async (bytes) => {
        pieces.push(bytes.slice());
      },
      finish: async () => this.store(Buffer.concat(pieces)),
      discard: async () => {
        pieces.length = 0;
      },
    };
  }

  /** Every output of one run, float32. */
  async run(
    graph: Graph,
    weights: Weights,
    feeds: Readonly<Record<string, Tensor>>,
  ): Promise<Readonly<Record<string, Tensor>>> {
    const { model } = compile(graph, weights, {
      dialect: PORTABLE,
      casts: "early",
      locate: ({ file, offset }) => ({ location: file.path!.slice(1), offset }),
    });
    const session = await ort.InferenceSession.create(model, {
      logSeverityLevel: 3,
      extra: { session: { model_external_initializers_file_folder_path: "/" } },
    });
    const inputs = Object.entries(feeds).map(([name, { shape, data }]) => [
      name,
      new ort.Tensor("float32", data as Float32Array, shape),
    ]);
    const outputs = await session.run(Object.fromEntries(inputs));
    await session.release();
    return Object.fromEntries(
      Object.entries(outputs).map(([name, { dims, data }]) => [
        name.slice("output:".length),
        { dtype: "f32", shape: dims, data: data as Float32Array },
      ]),
    );
  }

  private store(bytes: Uint8Array): { name: string; path: string; blob: Blob } {
    const name = `${this.count++}.safetensors`;
    const path = join(this.folder, name);
    writeFileSync(path, bytes);
    return { name, path, blob: new Blob([bytes as Uint8Array<ArrayBuffer>]) };
  }
}
