// One-step distillation by distribution matching (Yin et al. 2024; DMD2, Yin et al. 2024b), the last stage of Hyper-SD (section 3.3): from noise
// alone the student draws a picture, and moves along the difference between the teacher's score of it and that of a second network, the
// critic of the student's own pictures, which is trained on them all the while. Beside it, as in Hyper-SD, the squared error to the end of the
// teacher's own few steps from the same noise, and feedback.
//   loss = matching + regression |x0 - x0_teacher|^2 + weight relu(threshold - reward)
import { type Graph, GraphBuilder, unet, type Value } from "@fewstep/core";
import { flatLayout, packFlat } from "../flat/layout.js";
import { columnFeed, columnOf } from "../losses/columns.js";
import { distributionMatching } from "../losses/distribution-matching.js";
import { batchMean, squaredError } from "../losses/elementwise.js";
import { decomposed, noised, predictionTarget } from "../losses/prediction.js";
import { carried, guidedTeacher } from "../losses/trajectory.js";
import { initialWeights } from "../models/initial-weights.js";
import { unetNetwork } from "../models/network.js";
import { type LearningRate, learningRateAt } from "../optim/learning-rate.js";
import { randomStream } from "../optim/random-stream.js";
import { FROZEN } from "../program/sources.js";
import { hyperFeed, type TrainStepOptions, trainStep } from "../program/train-step.js";
import { timeFeed } from "./conditioning.js";
import { CRITIC_OPTIMISER } from "./critic-options.js";
import { baseResidents, type DistillOptions, startBatch } from "./distillation.js";
import { type Feedback, withFeedback } from "./feedback.js";
import { noiseFeed } from "./latent-batch.js";
import { lossAndNorm } from "./loss-and-norm.js";
import { initialState, type Metrics, type Recipe } from "./recipe.js";
import { type DistilledNetworks, distilledNetworks, LORA } from "./teacher.js";

export interface DmdOptions extends DistillOptions {
  /** w of the teacher: c + w (c - u). */
  readonly guidance: number;
  /** Updates of the second network for one of the student; default 5. */
  readonly scoreUpdates?: number;
  readonly scoreLearningRate: LearningRate;
  /** Where the student starts; default the last training timestep. */
  readonly timestep?: number;
  /** Squared error to the guided teacher's DDIM from the same noise, and how many steps that takes; default none. */
  readonly regression?: { readonly weight: number; readonly steps: number };
  readonly feedback?: Feedback;
  /** The base's weights by canonical name: what the second network starts from. */
  readonly copy: (name: string) => Float32Array;
}

export const DMD_OPTIMISER: TrainStepOptions = {
  beta1: 0.9,
  beta2: 0.999,
  epsilon: 1e-8,
  weightDecay: 0,
  clip: 1,
  average: 0.99,
};

/** Prefix of the second network's weights. */
const SCORE = "score:";
const COLUMNS = ["a", "s", "aStar", "sStar", "w"] as const;

/** Columns and inputs of the teacher's steps after the first, whose level and time are the student's. */
const teacherSteps = (steps: number) =>
  Array.from({ length: Math.max(0, steps - 1) }, (_, i) => ({
    a: `a${i + 1}`,
    s: `s${i + 1}`,
    features: `teacher_features${i + 1}`,
  }));

const columnsOf = (steps: number): readonly string[] => [
  ...COLUMNS,
  ...teacherSteps(steps).flatMap(({ a, s }) => [a, s]),
  ...(steps > 0 ? ["aEnd", "sEnd"] : []),
];

/** Outputs: loss (the student's), its parts matching, squared and feedback where there are any, score (the second network's), model. */
export function dmdObjective(
  options: Pick<DmdOptions, "shape" | "batch" | "base" | "conditioning" | "regression" | "feedback">,
  { teacher, student, frozenStudent }: DistilledNetworks,
): Graph {
  const { shape, batch, base, conditioning, regression, feedback } = options;
  const { prediction: type } = base;
  const b = new GraphBuilder("dmd");
  const input = (name: string) => b.input(name, [batch, ...shape]);
  const [noise, renoise] = [input("noise"), input("renoise")];
  const names = columnsOf(regression?.steps ?? 0);
  const column = columnOf(b, b.input("columns", [batch, names.length]), names);
  const features = (name: string) => b.input(name, [batch, base.unet.down[0]!.channels]);
  const [timeFeatures, starFeatures] = [features("time_features"), features("star_features")];
  const { context, empty } = conditioning.build(b, batch, true);
  const level = { a: column("a"), s: column("s") };
  const star = { a: column("aStar"), s: column("sStar") };
  const start = { sample: noise, timeFeatures, context };
  const { x0: model } = decomposed(b, type, noise, student(b, "student", start), level);
  const { x0: held } = decomposed(b, type, noise, frozenStudent(b, "held", start), level);

  const seen = { sample: noised(b, held, renoise, star), timeFeatures: starFeatures, context };
  const score = unetNetwork(base.unet, (id) => SCORE + id);
  const frozenScore = unetNetwork(base.unet, (id) => FROZEN + SCORE + id);
  const x0Of = (output: ReturnType<typeof score>) => decomposed(b, type, seen.sample, output, star).x0;
  const guide = guidedTeacher(teacher, empty!, column("w"));
  const real = x0Of(guide(b, "teacher", seen));
  const fake = x0Of(frozenScore(b, "fake", seen));
  const matching = distributionMatching(b, { x: model, held, real, fake });
  const target = predictionTarget(b, type, held, renoise, star);
  const fitted = batchMean(b, squaredError(b, score(b, "score", seen), target));
  const outputs: Record<string, Value> = { matching, score: fitted, model };
  let loss = matching;
  if (regression !== undefined) {
    const steps = teacherSteps(regression.steps);
    const levels = [
      level,
      ...steps.map(({ a, s }) => ({ a: column(a), s: column(s) })),
      { a: column("aEnd"), s: column("sEnd") },
    ];
    const times = [timeFeatures, ...steps.map((step) => features(step.features))];
    outputs.squared = batchMean(b, squaredError(b, model, carried(b, type, guide, noise, levels, times, context)));
    loss = b.op("Add", [loss, b.op("Affine", [outputs.squared], { scale: regression.weight, shift: 0 })]);
  }
  const rewarded = withFeedback(b, loss, () => model, feedback);
  return b.finish(Object.entries({ ...rewarded, ...outputs }).map(([name, value]) => ({ name, value })));
}

export function dmdRecipe(options: DmdOptions): Recipe {
  const { base, alphaBar, batch, iterations, seed, guidance, scoreUpdates = 5, data, copy } = options;
  const {
    timestep = alphaBar.length - 1,
    regression,
    feedback,
    optimiser: { accumulate = 1, segments = 1 } = {},
  } = options;
  const networks = distilledNetworks(base.unet, base.nameOf, options.lora);
  const { layout } = networks;
  const scoreLayout = flatLayout(unet(base.unet, { batch: 1, height: 8, width: 8, tokens: 1 }).weights);
  const graph = dmdObjective(options, networks);
  const outputs = (names: readonly string[]) => graph.outputs.filter(({ name }) => names.includes(name));
  const student = {
    name: "lora",
    layout,
    prefix: LORA,
    loss: "loss",
    options: { ...DMD_OPTIMISER, ...options.optimiser },
  };
  const second = {
    name: "score",
    layout: scoreLayout,
    prefix: SCORE,
    loss: "score",
    options: { ...CRITIC_OPTIMISER, accumulate, segments },
  };
  const sources = [
    { resident: "lora.p", layout, prefix: LORA },
    { resident: "lora.p", layout, prefix: FROZEN + LORA },
    { resident: "score.p", layout: scoreLayout, prefix: FROZEN + SCORE },
    ...base.sources,
    ...(feedback?.sources ?? []),
  ];
  const answered = ["loss", "score", "matching", "squared", "feedback"];
  const both = trainStep({ ...graph, outputs: outputs(answered) }, [student, second], sources);
  const scoreOnly = trainStep({ ...graph, outputs: outputs(["score"]) }, [second], sources);
  const start = options.start ?? initialWeights(layout, "lora", seed);
  const state = new Map([
    ...initialState("lora", start, student.options),
    ...initialState(
      "score",
      packFlat(scoreLayout, ({ name }) => copy(name)),
      second.options,
    ),
  ]);
  const nextBatch = startBatch(options, true, feedback?.feed);
  const channels = base.unet.down[0]!.channels;
  const signal = (t: number) => Math.sqrt(alphaBar[t]!);
  const spread = (t: number) => Math.sqrt(1 - alphaBar[t]!);
  const steps = regression?.steps ?? 0;
  const taken = teacherSteps(steps).map((step, i) => {
    const t = Math.round(timestep - ((i + 1) * (timestep + 1)) / steps);
    return { row: { [step.a]: signal(t), [step.s]: spread(t) }, name: step.features, t };
  });
  const fixed: Readonly<Record<string, number>> = Object.assign(
    { a: signal(timestep), s: spread(timestep), w: guidance, aEnd: 1, sEnd: 0 },
    ...taken.map(({ row }) => row),
  );
  const same = (t: number) =>
    timeFeed(
      Array.from({ length: batch }, () => t),
      channels,
    );
  const [low, high] = [0.02 * alphaBar.length, 0.98 * alphaBar.length];
  return {
    name: "dmd",
    seed,
    iterations,
    initial: new Map([...state, ...baseResidents(base), ...(feedback?.residents ?? [])]),
    state: [...state.keys()],
    layouts: new Map([["lora", layout]]),
    // one run of the first, the others of the second
    programs: [both, ...Array.from({ length: scoreUpdates - 1 }, () => scoreOnly)],
    async iterate({ runner, index }): Promise<Metrics> {
      const rates = [options.learningRate, options.scoreLearningRate].map((rate) =>
        learningRateAt(rate, index, iterations),
      );
      for (let update = 0; ; update++) {
        const step = index * scoreUpdates + update;
        const random = randomStream(seed, "dmd", step);
        const stars = Array.from({ length: batch }, () => Math.floor(low + (high - low) * random.uniform()));
        const rows = stars.map((star) => ({ ...fixed, aStar: signal(star), sStar: spread(star) }));
        const { latents: _, ...fed } = nextBatch(step, random);
        const last = update === scoreUpdates - 1;
        const answers = await runner.run(last ? both : scoreOnly, {
          ...fed,
          renoise: noiseFeed(data, batch, random),
          columns: columnFeed(columnsOf(steps), rows),
          time_features: same(timestep),
          ...Object.fromEntries(taken.map(({ name, t }) => [name, same(t)])),
          star_features: timeFeed(stars, channels),
          ...hyperFeed(second, step, rates[1]!),
          ...(last ? hyperFeed(student, index, rates[0]!) : {}),
        });
        if (last) {
          const parts = answered.slice(1).filter((name) => answers[name] !== undefined);
          return {
            ...lossAndNorm(answers, "lora"),
            ...Object.fromEntries(parts.map((name) => [name, Number(answers[name]!.data[0])])),
            learningRate: rates[0]!,
          };
        }
      }
    },
  };
}
