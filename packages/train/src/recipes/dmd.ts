// One-step distillation by distribution matching (Yin et al. 2024; DMD2, Yin et al. 2024b), the last stage of Hyper-SD (section 3.3): from noise
// alone the student draws a picture, and moves along the difference between the teacher's score of it and that of a second network, the
// critic of the student's own pictures, which is trained on them all the while.
import { type Graph, GraphBuilder, unet } from "@fewstep/core";
import { flatLayout, packFlat } from "../flat/layout.js";
import { columnFeed, columnOf } from "../losses/columns.js";
import { distributionMatching } from "../losses/distribution-matching.js";
import { batchMean, squaredError } from "../losses/elementwise.js";
import { decomposed, noised, predictionTarget } from "../losses/prediction.js";
import { guidedTeacher } from "../losses/trajectory.js";
import { initialWeights } from "../models/initial-weights.js";
import { unetNetwork } from "../models/network.js";
import { type LearningRate, learningRateAt } from "../optim/learning-rate.js";
import { randomStream } from "../optim/random-stream.js";
import { FROZEN } from "../program/sources.js";
import { hyperFeed, type TrainStepOptions, trainStep } from "../program/train-step.js";
import { timeFeed } from "./conditioning.js";
import { CRITIC_OPTIMISER } from "./critic-options.js";
import { baseResidents, type DistillOptions, startBatch } from "./distillation.js";
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

/** Outputs: loss (the student's), score (the second network's), model. */
export function dmdObjective(
  options: Pick<DmdOptions, "shape" | "batch" | "base" | "conditioning">,
  { teacher, student, frozenStudent }: DistilledNetworks,
): Graph {
  const { shape, batch, base, conditioning } = options;
  const { prediction: type } = base;
  const b = new GraphBuilder("dmd");
  const input = (name: string) => b.input(name, [batch, ...shape]);
  const [noise, renoise] = [input("noise"), input("renoise")];
  const column = columnOf(b, b.input("columns", [batch, COLUMNS.length]), COLUMNS);
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
  const real = x0Of(guidedTeacher(teacher, empty!, column("w"))(b, "teacher", seen));
  const fake = x0Of(frozenScore(b, "fake", seen));
  const loss = distributionMatching(b, { x: model, held, real, fake });
  const target = predictionTarget(b, type, held, renoise, star);
  const fitted = batchMean(b, squaredError(b, score(b, "score", seen), target));
  return b.finish(Object.entries({ loss, score: fitted, model }).map(([name, value]) => ({ name, value })));
}

export function dmdRecipe(options: DmdOptions): Recipe {
  const { base, alphaBar, batch, iterations, seed, guidance, scoreUpdates = 5, data, copy } = options;
  const { timestep = alphaBar.length - 1 } = options;
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
  const second = { name: "score", layout: scoreLayout, prefix: SCORE, loss: "score", options: CRITIC_OPTIMISER };
  const sources = [
    { resident: "lora.p", layout, prefix: LORA },
    { resident: "lora.p", layout, prefix: FROZEN + LORA },
    { resident: "score.p", layout: scoreLayout, prefix: FROZEN + SCORE },
    ...base.sources,
  ];
  const both = trainStep({ ...graph, outputs: outputs(["loss", "score"]) }, [student, second], sources);
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
  const nextBatch = startBatch(options);
  const channels = base.unet.down[0]!.channels;
  const [a, s] = [Math.sqrt(alphaBar[timestep]!), Math.sqrt(1 - alphaBar[timestep]!)];
  const [low, high] = [0.02 * alphaBar.length, 0.98 * alphaBar.length];
  return {
    name: "dmd",
    seed,
    iterations,
    initial: new Map([...state, ...baseResidents(base)]),
    state: [...state.keys()],
    layouts: new Map([["lora", layout]]),
    programs: [both, scoreOnly],
    async iterate({ runner, index }): Promise<Metrics> {
      const rates = [options.learningRate, options.scoreLearningRate].map((rate) =>
        learningRateAt(rate, index, iterations),
      );
      for (let update = 0; ; update++) {
        const step = index * scoreUpdates + update;
        const random = randomStream(seed, "dmd", step);
        const stars = Array.from({ length: batch }, () => Math.floor(low + (high - low) * random.uniform()));
        const rows = stars.map((star) => {
          const bar = alphaBar[star]!;
          return { a, s, aStar: Math.sqrt(bar), sStar: Math.sqrt(1 - bar), w: guidance };
        });
        const { latents: _, ...fed } = nextBatch(step, random);
        const last = update === scoreUpdates - 1;
        const answers = await runner.run(last ? both : scoreOnly, {
          ...fed,
          renoise: noiseFeed(data, batch, random),
          columns: columnFeed(COLUMNS, rows),
          time_features: timeFeed(
            stars.map(() => timestep),
            channels,
          ),
          star_features: timeFeed(stars, channels),
          ...hyperFeed(second, step, rates[1]!),
          ...(last ? hyperFeed(student, index, rates[0]!) : {}),
        });
        if (last) {
          const score = Number(answers.score!.data[0]);
          return { ...lossAndNorm(answers, "lora"), score, learningRate: rates[0]! };
        }
      }
    },
  };
}
