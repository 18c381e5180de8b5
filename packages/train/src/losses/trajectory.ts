// What the trajectory distillations share: a picture at several noise levels, moved by a guided teacher along them.
import type { GraphBuilder, PredictionType, Value } from "@fewstep/core";
import type { DenoiserInputs, Network } from "../models/network.js";
import { ddim, guided } from "./consistency.js";
import type { Level } from "./prediction.js";

/** The teacher's output for x: guided by w above the conditional one, or conditional alone. */
export type TeacherOutput = (b: GraphBuilder, tag: string, inputs: DenoiserInputs) => Value;

/** One call of twice the batch: c + w (c - u). */
export function guidedTeacher(network: Network, empty: Value, w: Value): TeacherOutput {
  return (b, tag, { sample, timeFeatures, context }) => {
    const batch = sample.shape[0]!;
    const twice = (x: Value, y = x) => b.op("Concat", [x, y], { axis: 0 });
    const both = network(b, tag, {
      sample: twice(sample),
      timeFeatures: twice(timeFeatures),
      context: twice(context, empty),
    });
    const half = (i: number) => b.op("Slice", [both], { axis: 0, start: i * batch, end: (i + 1) * batch });
    return guided(b, half(0), half(1), w);
  };
}

/** x carried by DDIM from levels[0] through all the others; `features` are those of every level but the last. */
export function carried(
  b: GraphBuilder,
  type: PredictionType,
  teacher: TeacherOutput,
  x: Value,
  levels: readonly Level[],
  features: readonly Value[],
  context: Value,
): Value {
  return features.reduce((sample, timeFeatures, i) => {
    const output = teacher(b, `teacher${i}`, { sample, timeFeatures, context });
    return ddim(b, type, sample, output, levels[i]!, levels[i + 1]!);
  }, x);
}
