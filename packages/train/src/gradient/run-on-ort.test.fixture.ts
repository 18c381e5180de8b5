// Runs a graph without weights on ONNX Runtime's CPU, in this process, for comparison with the interpreter.
import { compile, type Dialect, type Graph, weightsOf } from "@fewstep/core";
import * as ort from "onnxruntime-node";
import type { Nd } from "../interpreter/nd.test.fixture.js";

export async function runOnOrt(
  graph: Graph,
  feeds: ReadonlyMap<string, Nd>,
  dialect: Dialect,
): Promise<ReadonlyMap<string, Float32Array>> {
  const { model } = compile(graph, weightsOf([]), {
    dialect,
    casts: "early",
    locate: () => ({ location: "", offset: 0 }),
  });
  const session = await ort.InferenceSession.create(model, {
    graphOptimizationLevel: "extended",
    intraOpNumThreads: 1,
    logSeverityLevel: 3,
  });
  const inputs = graph.inputs.map(({ id, shape }): [string, ort.Tensor] => [
    id,
    new ort.Tensor("float32", Float32Array.from(feeds.get(id)!.data), shape),
  ]);
  const results = await session.run(Object.fromEntries(inputs));
  const outputs = graph.outputs.map(({ name }): [string, Float32Array] => [
    name,
    results[`output:${name}`]!.data as Float32Array,
  ]);
  await session.release();
  return new Map(outputs);
}
