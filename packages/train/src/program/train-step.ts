// One training step as one program: weights out of the flat vector, the objective and its gradients, clipping, AdamW, the average.
// Residents NAME.p, NAME.m, NAME.v and (if averaged) NAME.ema are replaced; other sources are only read.
// Fed: the objective's inputs and `hyper` = [learning rate, 1/(1-b1^t), 1/sqrt(1-b2^t), decay of the average].
import { type Graph, GraphBuilder, prune, type Tensor, type Value } from "@fewstep/core";
import type { FlatLayout } from "../flat/layout.js";
import { concatFlat } from "../flat/slices.js";
import { addGradients } from "../gradient/add-gradients.js";
import { type AdamOptions, adamCorrections, adamw } from "../optim/adamw.js";
import { clipNorm } from "../optim/clip-norm.js";
import { ema, emaDecay } from "../optim/ema.js";
import type { Program } from "./program.js";
import { bindSources, type Source } from "./sources.js";

export interface TrainStepOptions extends AdamOptions {
  /** Largest gradient norm. */
  readonly clip: number;
  /** Decay of the average; undefined: none is kept. */
  readonly average: number | undefined;
}

/** What is trained: the resident's name without `.p`, and the prefix of its weights' names in the objective. */
export interface Trained {
  readonly name: string;
  readonly layout: FlatLayout;
  readonly prefix: string;
}

export const residentsOf = (name: string, averaged: boolean): readonly string[] =>
  [`${name}.p`, `${name}.m`, `${name}.v`].concat(averaged ? [`${name}.ema`] : []);

/**
 * @param objective has an output `loss` of one element; its other outputs are answered as they are.
 * @param sources other weights; what none of them holds is bound to the runner's files.
 */
export function trainStep(
  objective: Graph,
  trained: Trained,
  sources: readonly Source[],
  options: TrainStepOptions,
): Program {
  const { name, layout, prefix } = trained;
  const present = new Set(objective.weights.map(({ id }) => id));
  const wanted = layout.entries.map((entry) => entry.name).filter((entry) => present.has(prefix + entry));
  const graph = addGradients(
    objective,
    "loss",
    wanted.map((entry) => prefix + entry),
  );

  const b = new GraphBuilder(objective.name);
  const vectors = new Map<string, Value>();
  const vectorOf = (resident: string, length: number): Value => {
    const vector = vectors.get(resident) ?? b.input(resident, [length]);
    vectors.set(resident, vector);
    return vector;
  };
  const names = residentsOf(name, options.average !== undefined);
  const [p, m, v, average] = names.map((resident) => vectorOf(resident, layout.length)) as [
    Value,
    Value,
    Value,
    Value?,
  ];
  const bound = bindSources(b, graph, [{ resident: `${name}.p`, layout, prefix }, ...sources], vectorOf);
  const outputs = b.include(graph, bound, "net:");

  const gradients = new Map(wanted.map((entry) => [entry, outputs.get(`grad:${prefix}${entry}`)!]));
  const clipped = clipNorm(b, concatFlat(b, gradients, layout), options.clip);
  const hyper = b.input("hyper", [4]);
  const scalar = (i: number) => b.op("Slice", [hyper], { axis: 0, start: i, end: i + 1 });
  const scalars = { learningRate: scalar(0), correction1: scalar(1), correction2: scalar(2) };
  const next = adamw(b, { p, m, v }, clipped.gradient, scalars, options);
  const updated = [next.p, next.m, next.v].concat(average === undefined ? [] : [ema(b, average, next.p, scalar(3))]);

  const answers = [...outputs].filter(([output]) => !output.startsWith("grad:"));
  return {
    name: objective.name,
    graph: prune(
      b.finish([
        ...answers.map(([output, value]) => ({ name: output, value })),
        { name: "norm", value: clipped.norm },
        ...names.map((resident, i) => ({ name: `next:${resident}`, value: updated[i]! })),
      ]),
    ),
    residents: new Set(vectors.keys()),
    updates: new Map(names.map((resident) => [`next:${resident}`, resident])),
  };
}

/** The `hyper` input of update `t`, counted from 0. */
export function hyperFeed(t: number, learningRate: number, options: TrainStepOptions): Tensor {
  const [correction1, correction2] = adamCorrections(t + 1, options);
  const decay = options.average === undefined ? 0 : emaDecay(t, options.average);
  return { dtype: "f32", shape: [4], data: Float32Array.of(learningRate, correction1, correction2, decay) };
}
