// Adversarial diffusion distillation (Sauer et al. 2023) in latent space (LADD, Sauer et al. 2024): from a few fixed noise levels the student
// jumps to a picture; heads on the frozen base's features tell it from real ones, and the teacher says where it should have gone. With a
// picture critic both are done on decoded pictures, as the first of these papers does, and what the critic sees has no noise.
//   generator = -D(fake) + lambda c(t) |x0 - x0_teacher|^2,  critic = hinge + gamma R1 on what the heads see,  c(t) = alpha_t
import { type Graph, GraphBuilder, type Value } from "@fewstep/core";
import { adversarialLosses } from "../losses/adversarial.js";
import { columnFeed, columnOf } from "../losses/columns.js";
import { batchMean, squaredError } from "../losses/elementwise.js";
import { decomposed, noised } from "../losses/prediction.js";
import { guidedTeacher } from "../losses/trajectory.js";
import { initialWeights } from "../models/initial-weights.js";
import { type LearningRate, learningRateAt } from "../optim/learning-rate.js";
import { type RandomStream, randomStream } from "../optim/random-stream.js";
import { FROZEN } from "../program/sources.js";
import { hyperFeed, type TrainStepOptions, trainStep } from "../program/train-step.js";
import { timeFeed } from "./conditioning.js";
import type { Critic } from "./critic.js";
import { trainedCritic } from "./critic-options.js";
import { baseResidents, type DistillOptions, startBatch } from "./distillation.js";
import { noiseFeed } from "./latent-batch.js";
import { lossAndNorm } from "./loss-and-norm.js";
import type { PictureCritic } from "./picture-critic.js";
import { initialState, type Metrics, type Recipe } from "./recipe.js";
import { type DistilledNetworks, distilledNetworks, LORA } from "./teacher.js";

export interface TurboOptions extends DistillOptions {
  /** Heads on the base's features of noised latents, or a picture critic. */
  readonly critic: Critic | PictureCritic;
  readonly criticLearningRate: LearningRate;
  /** w of the teacher: c + w (c - u). */
  readonly guidance: number;
  /** Student timesteps and how often each is drawn; default 999, 749, 499, 249 at 0.7, 0.1, 0.1, 0.1. */
  readonly levels?: readonly (readonly [timestep: number, probability: number])[];
  /** Lambda; default 2.5. */
  readonly distillation?: number;
  /** Gamma; default 1e-5. */
  readonly penalty?: number;
}

export const TURBO_OPTIMISER: TrainStepOptions = {
  beta1: 0,
  beta2: 0.99,
  epsilon: 1e-8,
  weightDecay: 0,
  clip: 1,
  average: 0.995,
};

/** The levels of a student of four steps, the noisiest drawn for a part of the batch and the others alike. */
export function turboLevels(noiseAlone: number): NonNullable<TurboOptions["levels"]> {
  const other = (1 - noiseAlone) / 3;
  return [
    [999, noiseAlone],
    [749, other],
    [499, other],
    [249, other],
  ];
}

const COLUMNS = ["aInput", "sInput", "a", "s", "aStar", "sStar", "w"] as const;

const ofPictures = (critic: Critic | PictureCritic): PictureCritic | undefined =>
  "decode" in critic ? critic : undefined;

/** Outputs: loss, critic, distilled, model (the student's x0). */
export function turboObjective(options: TurboOptions, { teacher, student, frozenStudent }: DistilledNetworks): Graph {
  const { shape, batch, base, conditioning, critic, distillation = 2.5, penalty = 1e-5 } = options;
  const { prediction: type } = base;
  const b = new GraphBuilder("turbo");
  const input = (name: string) => b.input(name, [batch, ...shape]);
  const [latents, noise, renoise] = [input("latents"), input("noise"), input("renoise")];
  const column = columnOf(b, b.input("columns", [batch, COLUMNS.length]), COLUMNS);
  const features = (name: string) => b.input(name, [batch, base.unet.down[0]!.channels]);
  const [timeFeatures, starFeatures] = [features("time_features"), features("star_features")];
  const { context, empty } = conditioning.build(b, batch, true);
  const noisy = noised(b, latents, noise, { a: column("aInput"), s: column("sInput") });
  const level = { a: column("a"), s: column("s") };
  const star = { a: column("aStar"), s: column("sStar") };
  const inputs = { sample: noisy, timeFeatures, context };
  const { x0: model } = decomposed(b, type, noisy, student(b, "student", inputs), level);
  const { x0: held } = decomposed(b, type, noisy, frozenStudent(b, "held", inputs), level);

  const at = (x: Value) => ({ sample: noised(b, x, renoise, star), timeFeatures: starFeatures, context });
  const pictures = ofPictures(critic);
  const judged = (x: Value) => (pictures === undefined ? at(x) : { ...at(x), sample: x });
  const real = judged(latents);
  const adversarial = adversarialLosses.hinge;
  const fakeLogits = critic.judge(b, "fake", judged(model));
  const seen = at(held);
  const output = guidedTeacher(teacher, empty!, column("w"))(b, "teacher", seen);
  const { x0: wanted } = decomposed(b, type, seen.sample, output, star);
  const weights = b.op("Reshape", [star.a], { shape: [batch] });
  const compared = (tag: string, x: Value) => pictures?.decode(b, tag, x) ?? x;
  const error = squaredError(b, compared("student:decode", model), compared("teacher:decode", wanted));
  const distilled = batchMean(b, b.op("Mul", [error, weights]));
  const loss = b.op("Add", [
    adversarial.generator(b, fakeLogits),
    b.op("Affine", [distilled], { scale: distillation, shift: 0 }),
  ]);
  let told = adversarial.discriminator(b, critic.judge(b, "real", real), fakeLogits);
  if (penalty > 0 && critic.penalty !== undefined) {
    const r1 = critic.penalty(b, "r1", real);
    told = b.op("Add", [told, b.op("Affine", [r1], { scale: penalty, shift: 0 })]);
  }
  return b.finish(Object.entries({ loss, critic: told, distilled, model }).map(([name, value]) => ({ name, value })));
}

/** A timestep in the middle more often than at the ends: the logistic of a normal number (Esser et al. 2024). */
function middling(count: number, random: RandomStream): number {
  return Math.min(count - 1, Math.floor(count / (1 + Math.exp(-random.normal()))));
}

function drawn(levels: readonly (readonly [number, number])[], random: RandomStream): number {
  let left = random.uniform() * levels.reduce((sum, [, probability]) => sum + probability, 0);
  for (const [timestep, probability] of levels) {
    left -= probability;
    if (left < 0) return timestep;
  }
  return levels.at(-1)![0];
}

export function turboRecipe(options: TurboOptions): Recipe {
  const { base, alphaBar, batch, iterations, seed, guidance, levels = turboLevels(0.7), critic, data } = options;
  const networks = distilledNetworks(base.unet, base.nameOf, options.lora);
  const { layout } = networks;
  const graph = turboObjective(options, networks);
  const student = {
    name: "lora",
    layout,
    prefix: LORA,
    loss: "loss",
    options: { ...TURBO_OPTIMISER, ...options.optimiser },
  };
  const judge = trainedCritic(critic, options.optimiser);
  const pictures = ofPictures(critic);
  const program = trainStep(
    { ...graph, outputs: graph.outputs.filter(({ name }) => name !== "model") },
    [student, judge],
    [{ resident: "lora.p", layout, prefix: FROZEN + LORA }, ...base.sources, ...(pictures?.sources ?? [])],
  );
  const start = options.start ?? initialWeights(layout, "lora", seed);
  const state = new Map([
    ...initialState("lora", start, student.options),
    ...initialState("critic", critic.initial(seed), judge.options),
  ]);
  const nextBatch = startBatch(options);
  const width = base.unet.down[0]!.channels;
  const last = alphaBar.length - 1;
  return {
    name: pictures === undefined ? "turbo" : "turbo-pictures",
    seed,
    iterations,
    initial: new Map([...state, ...baseResidents(base), ...(pictures?.residents ?? [])]),
    state: [...state.keys()],
    layouts: new Map([["lora", layout]]),
    programs: [program],
    async iterate({ runner, index }): Promise<Metrics> {
      const random = randomStream(seed, "turbo", index);
      const points = Array.from({ length: batch }, () => {
        const [t, star] = [drawn(levels, random), middling(alphaBar.length, random)];
        const [a, s] = [Math.sqrt(alphaBar[t]!), Math.sqrt(1 - alphaBar[t]!)];
        const [aStar, sStar] = [Math.sqrt(alphaBar[star]!), Math.sqrt(1 - alphaBar[star]!)];
        // sampling starts from noise alone: so does the student at the last timestep
        const [aInput, sInput] = t === last ? [0, 1] : [a, s];
        return { t, star, row: { aInput, sInput, a, s, aStar, sStar, w: guidance } };
      });
      const times = (read: (point: (typeof points)[number]) => number) => timeFeed(points.map(read), width);
      const learningRate = learningRateAt(options.learningRate, index, iterations);
      const answers = await runner.run(program, {
        ...nextBatch(index, random),
        renoise: noiseFeed(data, batch, random),
        columns: columnFeed(
          COLUMNS,
          points.map(({ row }) => row),
        ),
        time_features: times(({ t }) => t),
        star_features: times(({ star }) => star),
        ...hyperFeed(student, index, learningRate),
        ...hyperFeed(judge, index, learningRateAt(options.criticLearningRate, index, iterations)),
      });
      const [criticLoss, distilled] = ["critic", "distilled"].map((name) => Number(answers[name]!.data[0]));
      return { ...lossAndNorm(answers, "lora"), critic: criticLoss!, distilled: distilled!, learningRate };
    },
  };
}
