// Trajectory segmented consistency distillation (Hyper-SD, Ren et al. 2024, section 3.1, Algorithm 1), with its adversarial part and feedback.
// The timesteps are cut into k segments, k = 8, 4, 2, 1 stage by stage; inside one, student and target are carried by DDIM to a common point.
// The network is not told that point. The one-step stage's distribution matching is dmd.ts. With a range of w of 0 the teacher is not guided and
// the student keeps guidance (Phased Consistency Models, section 3.2; Hyper's CFG-preserving files): some captions are then empty.
import { type Graph, GraphBuilder, type Value } from "@fewstep/core";
import { adversarialLosses } from "../losses/adversarial.js";
import { columnFeed, columnOf } from "../losses/columns.js";
import { ddim } from "../losses/consistency.js";
import { batchMean, squaredError } from "../losses/elementwise.js";
import { decomposed, noised } from "../losses/prediction.js";
import { carried, guidedTeacher } from "../losses/trajectory.js";
import { initialWeights } from "../models/initial-weights.js";
import { type LearningRate, learningRateAt } from "../optim/learning-rate.js";
import { type RandomStream, randomStream } from "../optim/random-stream.js";
import { FROZEN } from "../program/sources.js";
import { hyperFeed, type TrainStepOptions, trainStep } from "../program/train-step.js";
import { timeFeed } from "./conditioning.js";
import type { Critic } from "./critic.js";
import { trainedCritic } from "./critic-options.js";
import { baseResidents, type DistillOptions, type ObjectiveOptions, startBatch } from "./distillation.js";
import { type Feedback, withFeedback } from "./feedback.js";
import { noiseFeed } from "./latent-batch.js";
import { lossAndNorm } from "./loss-and-norm.js";
import { initialState, type Metrics, type Recipe } from "./recipe.js";
import { type DistilledNetworks, distilledNetworks, LORA } from "./teacher.js";

export interface Stage {
  readonly segments: number;
  readonly iterations: number;
  /** Weights of the squared error and of the adversarial loss. */
  readonly squared: number;
  readonly adversarial: number;
}

export interface HyperOptions extends Omit<DistillOptions, "iterations"> {
  /** Range of w: e = c + w (c - u). At most 0: the teacher is not guided, and called once. */
  readonly guidance: readonly [least: number, most: number];
  readonly stages: readonly Stage[];
  /** Undefined: no adversarial loss. */
  readonly critic?: Critic;
  readonly criticLearningRate?: LearningRate;
  readonly feedback?: Feedback;
  /** Teacher steps over all timesteps; default 40, on which every edge of 8, 4 and 2 segments lies (the paper's 50 miss most of them). */
  readonly grid?: number;
}

export const HYPER_STAGES: readonly Stage[] = [
  { segments: 8, iterations: 3000, squared: 1, adversarial: 0 },
  { segments: 4, iterations: 3000, squared: 1, adversarial: 0.05 },
  { segments: 2, iterations: 3000, squared: 0.5, adversarial: 0.2 },
  { segments: 1, iterations: 3000, squared: 0.2, adversarial: 0.5 },
];

export const HYPER_OPTIMISER: TrainStepOptions = {
  beta1: 0.9,
  beta2: 0.999,
  epsilon: 1e-8,
  weightDecay: 0,
  clip: 1,
  average: 0.99,
};

export const HYPER_COLUMNS = [
  "a",
  "s",
  "aPrevious",
  "sPrevious",
  "aEnd",
  "sEnd",
  "w",
  "starScale",
  "starNoise",
] as const;
type Row = Readonly<Record<(typeof HYPER_COLUMNS)[number], number>>;

const isGuided = ({ guidance }: Pick<HyperOptions, "guidance">): boolean => guidance[1] > 0;

/** Outputs: loss, critic and feedback (if there are any), squared, noisy, previous, model, target. */
export function hyperObjective(
  options: ObjectiveOptions & Pick<HyperOptions, "guidance" | "critic" | "feedback">,
  { teacher, student, frozenStudent }: DistilledNetworks,
): Graph {
  const { shape, batch, base, conditioning, critic, feedback } = options;
  const { prediction: type } = base;
  const b = new GraphBuilder("hyper");
  const latents = b.input("latents", [batch, ...shape]);
  const noise = b.input("noise", [batch, ...shape]);
  const column = columnOf(b, b.input("columns", [batch, HYPER_COLUMNS.length]), HYPER_COLUMNS);
  const width = base.unet.down[0]!.channels;
  const features = (name: string) => b.input(name, [batch, width]);
  const [timeFeatures, previousFeatures] = [features("time_features"), features("previous_features")];
  const weights = b.input("weights", [2]);
  const weight = (i: number) =>
    b.op("Reshape", [b.op("Slice", [weights], { axis: 0, start: i, end: i + 1 })], { shape: [] });
  const { context, empty } = conditioning.build(b, batch, isGuided(options));
  const level = { a: column("a"), s: column("s") };
  const before = { a: column("aPrevious"), s: column("sPrevious") };
  const end = { a: column("aEnd"), s: column("sEnd") };

  const noisy = noised(b, latents, noise, level);
  const guide = empty === undefined ? teacher : guidedTeacher(teacher, empty, column("w"));
  const previous = carried(b, type, guide, noisy, [level, before], [timeFeatures], context);
  const held = frozenStudent(b, "target", { sample: previous, timeFeatures: previousFeatures, context });
  const target = ddim(b, type, previous, held, before, end);
  const output = student(b, "student", { sample: noisy, timeFeatures, context });
  const model = ddim(b, type, noisy, output, level, end);
  const squared = batchMean(b, squaredError(b, model, target));
  let loss = b.op("Mul", [squared, weight(0)]);
  const outputs: Record<string, Value> = { squared, noisy, previous, model, target };
  if (critic !== undefined) {
    const star = { timeFeatures: features("star_features"), context };
    const renoise = b.input("renoise", [batch, ...shape]);
    const levels = { a: column("starScale"), s: column("starNoise") };
    const judge = (tag: string, x: Value) => critic.judge(b, tag, { ...star, sample: noised(b, x, renoise, levels) });
    const [real, fake] = [judge("real", target), judge("fake", model)];
    const adversarial = adversarialLosses.hinge;
    loss = b.op("Add", [loss, b.op("Mul", [adversarial.generator(b, fake), weight(1)])]);
    outputs.critic = adversarial.discriminator(b, real, fake);
  }
  const rewarded = withFeedback(b, loss, () => decomposed(b, type, noisy, output, level).x0, feedback);
  return b.finish(Object.entries({ ...rewarded, ...outputs }).map(([name, value]) => ({ name, value })));
}

/** Timesteps of one picture: where it starts, the teacher's step, the common end, and where the critic looks at it. */
interface Point {
  readonly t: number;
  readonly previous: number;
  readonly end: number;
  readonly star: number;
}

/** The columns of a picture; w is the teacher's guidance. */
export function segmentRow(alphaBar: Float64Array, { t, previous, end, star }: Point, w: number): Row {
  const signal = (at: number) => Math.sqrt(alphaBar[at]!);
  const spread = (at: number) => Math.sqrt(1 - alphaBar[at]!);
  const starScale = signal(star) / signal(end);
  return {
    a: signal(t),
    s: spread(t),
    aPrevious: signal(previous),
    sPrevious: spread(previous),
    aEnd: signal(end),
    sEnd: spread(end),
    w,
    starScale,
    starNoise: Math.sqrt(Math.max(0, spread(star) ** 2 - (starScale * spread(end)) ** 2)),
  };
}

export const HYPER_GRID = 40;

/**
 * A grid point, its predecessor, an end at or before the predecessor in the point's segment (a point on an edge is the last of the segment
 * below), and a level from there up for the critic.
 */
export function segmentPoint(
  alphaBar: Float64Array,
  { grid, segments }: { readonly grid: number; readonly segments: number },
  random: RandomStream,
): Point {
  const stride = alphaBar.length / grid;
  const length = alphaBar.length / segments;
  const index = random.below(grid);
  const t = Math.floor((index + 1) * stride) - 1;
  const previous = Math.max(0, t - stride);
  const floor = Math.max(0, Math.floor(t / length) * length - 1);
  const steps = Math.max(0, Math.floor((previous - floor) / stride));
  const end = Math.max(0, previous - random.below(steps + 1) * stride);
  const star = end + random.below(Math.max(1, Math.floor(Math.min(length, alphaBar.length - 1 - end))));
  return { t, previous, end, star };
}

/** The stage of an iteration. */
export function stageAt(stages: readonly Stage[], index: number): Stage {
  let left = index;
  for (const stage of stages) {
    if (left < stage.iterations) return stage;
    left -= stage.iterations;
  }
  return stages.at(-1)!;
}

export function hyperRecipe(options: HyperOptions): Recipe {
  const { base, alphaBar, batch, seed, stages, grid = HYPER_GRID, guidance, critic, feedback, data } = options;
  const iterations = stages.reduce((sum, stage) => sum + stage.iterations, 0);
  const networks = distilledNetworks(base.unet, base.nameOf, options.lora);
  const { layout } = networks;
  const graph = hyperObjective(options, networks);
  const student = {
    name: "lora",
    layout,
    prefix: LORA,
    loss: "loss",
    options: { ...HYPER_OPTIMISER, ...options.optimiser },
  };
  const judge = critic && trainedCritic(critic, options.optimiser);
  const kept = new Set(["loss", "critic", "squared", "feedback"]);
  const averaged = student.options.average !== undefined;
  const program = trainStep(
    { ...graph, outputs: graph.outputs.filter(({ name }) => kept.has(name)) },
    judge === undefined ? [student] : [student, judge],
    [
      // the target is the student's average where there is one
      { resident: averaged ? "lora.ema" : "lora.p", layout, prefix: FROZEN + LORA },
      ...base.sources,
      ...(feedback?.sources ?? []),
    ],
  );
  const start = options.start ?? initialWeights(layout, "lora", seed);
  const state = new Map([
    ...initialState("lora", start, student.options),
    ...(critic && judge ? initialState("critic", critic.initial(seed), judge.options) : []),
  ]);
  const nextBatch = startBatch({ ...options, iterations }, isGuided(options), feedback?.feed);
  const width = base.unet.down[0]!.channels;
  return {
    name: "hyper",
    seed,
    iterations,
    initial: new Map([...state, ...baseResidents(base), ...(feedback?.residents ?? [])]),
    state: [...state.keys()],
    layouts: new Map([["lora", layout]]),
    programs: [program],
    async iterate({ runner, index }): Promise<Metrics> {
      const random = randomStream(seed, "hyper", index);
      const stage = stageAt(stages, index);
      const points = Array.from({ length: batch }, () => {
        const w = guidance[0] + (guidance[1] - guidance[0]) * random.uniform();
        return { ...segmentPoint(alphaBar, { grid, segments: stage.segments }, random), w };
      });
      const times = (read: (point: Point) => number) => timeFeed(points.map(read), width);
      const learningRate = learningRateAt(options.learningRate, index, iterations);
      const criticRate = learningRateAt(options.criticLearningRate ?? options.learningRate, index, iterations);
      const answers = await runner.run(program, {
        ...nextBatch(index, random),
        columns: columnFeed(
          HYPER_COLUMNS,
          points.map((point) => segmentRow(alphaBar, point, point.w)),
        ),
        time_features: times(({ t }) => t),
        previous_features: times(({ previous }) => previous),
        weights: { dtype: "f32", shape: [2], data: Float32Array.of(stage.squared, stage.adversarial) },
        ...(judge && {
          star_features: times(({ star }) => star),
          renoise: noiseFeed(data, batch, random),
          ...hyperFeed(judge, index, criticRate),
        }),
        ...hyperFeed(student, index, learningRate),
      });
      const extra = ["squared", "critic", "feedback"].filter((name) => answers[name] !== undefined);
      return {
        ...lossAndNorm(answers, "lora"),
        ...Object.fromEntries(extra.map((name) => [name, Number(answers[name]!.data[0])])),
        segments: stage.segments,
        learningRate,
      };
    },
  };
}
