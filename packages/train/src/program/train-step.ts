// One training step as one program: weights out of flat vectors, the objective and its gradients, clipping, AdamW, the averages.
// Several networks may be trained at once, each by a loss of its own (a student and its discriminator): what they share is computed once.
// Residents NAME.p, NAME.m, NAME.v and (if averaged) NAME.ema are replaced; other sources are only read.
// With `accumulate` runs to an update, NAME.g gathers the gradients of the runs before the last; the other residents change at the last.
// Fed: the objective's inputs and, for each network,
// `hyper:NAME` = [learning rate, 1/(1-b1^t), 1/sqrt(1-b2^t), decay of the average, 1 if gathered gradients count, 1 if this run updates].
import { type Graph, GraphBuilder, type GraphOutput, prune, type Tensor, type Value } from "@fewstep/core";
import type { FlatLayout } from "../flat/layout.js";
import { concatFlat } from "../flat/slices.js";
import { addGradients } from "../gradient/add-gradients.js";
import { checkpointCuts } from "../gradient/checkpoint-cuts.js";
import { type AdamOptions, adamCorrections, adamw } from "../optim/adamw.js";
import { clipNorm } from "../optim/clip-norm.js";
import { ema, emaDecay } from "../optim/ema.js";
import { mergeDuplicates } from "./merge-duplicates.js";
import type { Program } from "./program.js";
import { bindSources, type Source } from "./sources.js";
import { stageReductions } from "./stage-reductions.js";

export interface TrainStepOptions extends AdamOptions {
  /** Largest gradient norm. */
  readonly clip: number;
  /** Decay of the average; undefined: none is kept. */
  readonly average: number | undefined;
  /** Runs whose gradients make one update: a batch in parts, to save memory. Default 1. */
  readonly accumulate?: number;
  /** Parts of the objective of which only one's activations are kept, the others computed again (Chen et al. 2016). Default 1: all are kept. */
  readonly segments?: number;
}

/** A network that is trained, and by what. */
export interface Trained {
  /** Its residents' name, without `.p`. */
  readonly name: string;
  readonly layout: FlatLayout;
  /** Put before an entry's name to give the weight's name in the objective. */
  readonly prefix: string;
  /** The objective's output that it makes small: one element. */
  readonly loss: string;
  readonly options: TrainStepOptions;
}

export interface ResidentNames {
  readonly p: string;
  readonly m: string;
  readonly v: string;
  readonly average: string | undefined;
  readonly gathered: string | undefined;
}

export const residentsOf = (name: string, { average, accumulate = 1 }: TrainStepOptions): ResidentNames => ({
  p: `${name}.p`,
  m: `${name}.m`,
  v: `${name}.v`,
  average: average === undefined ? undefined : `${name}.ema`,
  gathered: accumulate === 1 ? undefined : `${name}.g`,
});

/** The names of the trained entries that the objective reads. */
function presentIn(objective: Graph, { layout, prefix }: Trained): readonly string[] {
  const present = new Set(objective.weights.map(({ id }) => id));
  return layout.entries.map(({ name }) => name).filter((name) => present.has(prefix + name));
}

/** New values of a network's residents, and the norm of its gradient before clipping. */
function update(
  b: GraphBuilder,
  { name, layout, options }: Trained,
  gradient: Value,
  vectorOf: (resident: string, length: number) => Value,
): readonly GraphOutput[] {
  const names = residentsOf(name, options);
  const resident = (one: string | undefined) => (one === undefined ? undefined : vectorOf(one, layout.length));
  const [p, m, v] = [resident(names.p)!, resident(names.m)!, resident(names.v)!];
  const hyper = b.input(`hyper:${name}`, [HYPERS]);
  const scalar = (i: number) => b.op("Slice", [hyper], { axis: 0, start: i, end: i + 1 });
  const scalars = { learningRate: scalar(0), correction1: scalar(1), correction2: scalar(2) };
  const gathered = resident(names.gathered);
  const { accumulate = 1 } = options;
  const sum = gathered === undefined ? gradient : b.op("Add", [b.op("Mul", [gathered, scalar(4)]), gradient]);
  const whole = gathered === undefined ? sum : b.op("Affine", [sum], { scale: 1 / accumulate, shift: 0 });
  const clipped = clipNorm(b, whole, options.clip);
  const next = adamw(b, { p, m, v }, clipped.gradient, scalars, options);
  const average = resident(names.average);
  const updated: readonly (readonly [string, Value, Value])[] = [
    [names.p, p, next.p],
    [names.m, m, next.m],
    [names.v, v, next.v],
    ...(average === undefined ? [] : [[names.average!, average, ema(b, average, next.p, scalar(3))] as const]),
  ];
  // exact for finite values: one of the two factors is 0, the other 1
  const chosen = (old: Value, value: Value) =>
    b.op("Add", [
      b.op("Mul", [value, scalar(5)]),
      b.op("Mul", [old, b.op("Affine", [scalar(5)], { scale: -1, shift: 1 })]),
    ]);
  return [
    { name: `norm:${name}`, value: clipped.norm },
    ...updated.map(([one, old, value]) => ({
      name: NEXT + one,
      value: gathered === undefined ? value : chosen(old, value),
    })),
    ...(gathered === undefined ? [] : [{ name: NEXT + names.gathered!, value: sum }]),
  ];
}

/** Elements of a `hyper` input. */
const HYPERS = 6;
const NEXT = "next:";

/**
 * @param objective its outputs are answered as they are.
 * @param sources other weights; what none of them holds is bound to the runner's files.
 */
export function trainStep(objective: Graph, trained: readonly Trained[], sources: readonly Source[]): Program {
  const wanted = trained.map((one) => presentIn(objective, one));
  // the gradients of each network are taken from the same objective: no loss reaches another's weights
  const graphs = trained.map(({ loss, prefix, options: { segments = 1 } }, i) => {
    const names = wanted[i]!.map((name) => prefix + name);
    return addGradients(objective, loss, names, { cuts: segments > 1 ? checkpointCuts(objective, segments) : [] });
  });
  const b = new GraphBuilder(objective.name);
  const vectors = new Map<string, Value>();
  const vectorOf = (resident: string, length: number): Value => {
    const vector = vectors.get(resident) ?? b.input(resident, [length]);
    vectors.set(resident, vector);
    return vector;
  };
  const own = trained.map(({ name, layout, prefix }): Source => ({ resident: `${name}.p`, layout, prefix }));
  const bound = new Map([...bindSources(b, objective, [...own, ...sources], vectorOf)]);
  for (const { id, shape, dtype } of objective.inputs) bound.set(id, b.input(id, shape, dtype));

  const outputs: GraphOutput[] = [];
  graphs.forEach((graph, i) => {
    // the forward passes of all graphs are the same nodes over the same values, merged below
    const included = b.include(graph, bound, `net${i}:`);
    const gradients = new Map(
      wanted[i]!.map((name) => [name, included.get(`grad:${trained[i]!.prefix}${name}`)!] as const),
    );
    if (i === 0) {
      for (const [name, value] of included) if (!name.startsWith("grad:")) outputs.push({ name, value });
    }
    outputs.push(...update(b, trained[i]!, concatFlat(b, gradients, trained[i]!.layout), vectorOf));
  });
  return {
    name: objective.name,
    graph: stageReductions(prune(mergeDuplicates(b.finish(outputs)))),
    residents: new Set(vectors.keys()),
    updates: new Map(
      outputs.filter(({ name }) => name.startsWith(NEXT)).map(({ name }) => [name, name.slice(NEXT.length)]),
    ),
  };
}

/** The `hyper` input of a network's run `run`, counted from 0. */
export function hyperFeed(
  { name, options }: Pick<Trained, "name" | "options">,
  run: number,
  learningRate: number,
): Readonly<Record<string, Tensor>> {
  const { accumulate = 1 } = options;
  const update = Math.floor(run / accumulate);
  const [correction1, correction2] = adamCorrections(update + 1, options);
  const decay = options.average === undefined ? 0 : emaDecay(update, options.average);
  const part = run % accumulate;
  const gathers = part === 0 ? 0 : 1;
  const updates = part === accumulate - 1 ? 1 : 0;
  const data = Float32Array.of(learningRate, correction1, correction2, decay, gathers, updates);
  return { [`hyper:${name}`]: { dtype: "f32", shape: [HYPERS], data } };
}
