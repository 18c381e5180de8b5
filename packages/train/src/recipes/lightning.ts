// One stage of progressive adversarial distillation (SDXL-Lightning, Lin et al. 2024): n small steps of a teacher become one of the student.
// The first stage is plain progressive distillation with guidance (Salimans and Ho 2022), the only place where guidance enters; the others are
// adversarial, conditional on the state before the step (trajectory kept) and then not (sharper). A chain of stages starts each student, and
// makes each teacher, from the adapter before.
import { type Graph, GraphBuilder, type Value } from "@fewstep/core";
import { adversarialLosses } from "../losses/adversarial.js";
import { columnFeed, columnOf } from "../losses/columns.js";
import { ddim } from "../losses/consistency.js";
import { batchMean, squaredError } from "../losses/elementwise.js";
import { noised } from "../losses/prediction.js";
import { carried, guidedTeacher, type TeacherOutput } from "../losses/trajectory.js";
import { initialWeights } from "../models/initial-weights.js";
import type { DenoiserInputs } from "../models/network.js";
import { type LearningRate, learningRateAt } from "../optim/learning-rate.js";
import { type RandomStream, randomStream } from "../optim/random-stream.js";
import { hyperFeed, type TrainStepOptions, trainStep } from "../program/train-step.js";
import { timeFeed } from "./conditioning.js";
import type { Critic } from "./critic.js";
import { trainedCritic } from "./critic-options.js";
import { baseResidents, type DistillOptions, type ObjectiveOptions, startBatch } from "./distillation.js";
import { noiseFeed } from "./latent-batch.js";
import { lossAndNorm } from "./loss-and-norm.js";
import { initialState, type Metrics, type Recipe } from "./recipe.js";
import { type DistilledNetworks, distilledNetworks, LORA } from "./teacher.js";

export type LightningLoss =
  /** Squared error against the guided teacher, w above the conditional output: c + w (c - u). */
  | { readonly kind: "squared"; readonly guidance: number }
  /** Non-saturating, by a critic that sees the state before the step if it was made so. */
  | { readonly kind: "adversarial"; readonly critic: Critic; readonly learningRate: LearningRate };

export interface LightningOptions extends DistillOptions {
  /** Steps of the student over all timesteps: 8, 4, 2, 1. */
  readonly steps: number;
  /** Teacher steps that one of them replaces: 2, or 4 when skipping a level. */
  readonly teacherSteps: number;
  readonly loss: LightningLoss;
  /** The adapter that makes the teacher; undefined: the base alone. */
  readonly teacherAdapter?: Float32Array;
  /** Timesteps that the student is trained at; default those that it is used at. */
  readonly timesteps?: readonly number[];
}

export const LIGHTNING_OPTIMISER: TrainStepOptions = {
  beta1: 0.9,
  beta2: 0.999,
  epsilon: 1e-8,
  weightDecay: 0,
  clip: 1,
  average: 0.995,
};

/** Where both predictions are noised again when the step ends at a clean picture (section 3.7). */
export const RENOISED_TIMESTEPS = [10, 250, 500, 750] as const;

const levelColumns = (count: number): readonly string[] =>
  Array.from({ length: count }, (_, i) => [`a${i}`, `s${i}`]).flat();

/** Columns of a stage: input level (pure noise at the last timestep), the teacher's levels, the critic's noise, w. */
export const lightningColumns = (teacherSteps: number): readonly string[] => [
  "aInput",
  "sInput",
  ...levelColumns(teacherSteps + 1),
  "starScale",
  "starNoise",
  "w",
];

/** Outputs: loss, critic (if adversarial), noisy, previous (the teacher's end), model. */
export function lightningObjective(
  options: ObjectiveOptions & Pick<LightningOptions, "teacherSteps" | "loss">,
  { teacher, student }: Pick<DistilledNetworks, "teacher" | "student">,
): Graph {
  const { shape, batch, base, conditioning, teacherSteps, loss: kind } = options;
  const { prediction: type } = base;
  const b = new GraphBuilder("lightning");
  const latents = b.input("latents", [batch, ...shape]);
  const noise = b.input("noise", [batch, ...shape]);
  const names = lightningColumns(teacherSteps);
  const column = columnOf(b, b.input("columns", [batch, names.length]), names);
  const width = base.unet.down[0]!.channels;
  const features = (name: string) => b.input(name, [batch, width]);
  const times = Array.from({ length: teacherSteps }, (_, i) => features(`time_features${i}`));
  const { context, empty } = conditioning.build(b, batch, true);
  const levels = Array.from({ length: teacherSteps + 1 }, (_, i) => ({ a: column(`a${i}`), s: column(`s${i}`) }));
  const noisy = noised(b, latents, noise, { a: column("aInput"), s: column("sInput") });
  const alone: TeacherOutput = (builder, tag, inputs) => teacher(builder, tag, inputs);
  const guide = kind.kind === "squared" ? guidedTeacher(teacher, empty!, column("w")) : alone;
  const previous = carried(b, type, guide, noisy, levels, times, context);
  const start: DenoiserInputs = { sample: noisy, timeFeatures: times[0]!, context };
  const model = ddim(b, type, noisy, student(b, "student", start), levels[0]!, levels.at(-1)!);
  const squared = batchMean(b, squaredError(b, model, previous));
  const outputs: Record<string, Value> = { noisy, previous, model, squared };
  if (kind.kind === "squared") return finish(b, { loss: squared, ...outputs });

  const star = features("star_features");
  const renoise = b.input("renoise", [batch, ...shape]);
  const level = { a: column("starScale"), s: column("starNoise") };
  const judge = (tag: string, x: Value) =>
    kind.critic.judge(b, tag, { sample: noised(b, x, renoise, level), timeFeatures: star, context }, start);
  const [real, fake] = [judge("real", previous), judge("fake", model)];
  const adversarial = adversarialLosses["non-saturating"];
  return finish(b, {
    loss: adversarial.generator(b, fake),
    critic: adversarial.discriminator(b, real, fake),
    ...outputs,
  });
}

const finish = (b: GraphBuilder, outputs: Readonly<Record<string, Value>>): Graph =>
  b.finish(Object.entries(outputs).map(([name, value]) => ({ name, value })));

/** Timesteps and columns of one picture whose step starts at `t`; a step that ends below 0 ends at the clean picture. */
export function lightningRow(
  { alphaBar, steps, teacherSteps, loss }: Pick<LightningOptions, "alphaBar" | "steps" | "teacherSteps" | "loss">,
  t: number,
  random: RandomStream,
) {
  const stride = alphaBar.length / (steps * teacherSteps);
  const times = Array.from({ length: teacherSteps + 1 }, (_, i) => Math.round(t - i * stride));
  const bars = times.map((time) => (time < 0 ? 1 : alphaBar[time]!));
  const end = times.at(-1)!;
  const star = end >= 0 ? end : RENOISED_TIMESTEPS[random.below(RENOISED_TIMESTEPS.length)]!;
  const pure = t === alphaBar.length - 1;
  const row: Record<string, number> = {
    aInput: pure ? 0 : Math.sqrt(bars[0]!),
    sInput: pure ? 1 : Math.sqrt(1 - bars[0]!),
    starScale: end >= 0 ? 1 : Math.sqrt(alphaBar[star]!),
    starNoise: end >= 0 ? 0 : Math.sqrt(1 - alphaBar[star]!),
    w: loss.kind === "squared" ? loss.guidance : 0,
  };
  bars.forEach((bar, i) => {
    row[`a${i}`] = Math.sqrt(bar);
    row[`s${i}`] = Math.sqrt(1 - bar);
  });
  return { times: times.slice(0, -1), star, row };
}

/** Weights of the adapter that makes the teacher. */
const TEACHER_ADAPTER = "teacher:";

export function lightningRecipe(options: LightningOptions): Recipe {
  const { base, alphaBar, batch, iterations, seed, steps, teacherSteps, loss, teacherAdapter, data } = options;
  const networks = distilledNetworks(base.unet, base.nameOf, options.lora);
  const { layout, adapted } = networks;
  const teacher = teacherAdapter === undefined ? networks.teacher : adapted(TEACHER_ADAPTER);
  const graph = lightningObjective(options, { ...networks, teacher });
  const student = {
    name: "lora",
    layout,
    prefix: LORA,
    loss: "loss",
    options: { ...LIGHTNING_OPTIMISER, ...options.optimiser },
  };
  const critic = loss.kind === "adversarial" ? trainedCritic(loss.critic, options.optimiser) : undefined;
  const kept = new Set(["loss", "critic", "squared"]);
  const program = trainStep(
    { ...graph, outputs: graph.outputs.filter(({ name }) => kept.has(name)) },
    critic === undefined ? [student] : [student, critic],
    [{ resident: "teacher", layout, prefix: TEACHER_ADAPTER }, ...base.sources],
  );
  const start = options.start ?? teacherAdapter ?? initialWeights(layout, "lora", seed);
  const state = new Map([
    ...initialState("lora", start, student.options),
    ...(loss.kind === "adversarial" && critic ? initialState("critic", loss.critic.initial(seed), critic.options) : []),
  ]);
  const used = Array.from({ length: steps }, (_, i) => Math.round(((i + 1) * alphaBar.length) / steps) - 1);
  const trainedAt = options.timesteps ?? used;
  const nextBatch = startBatch(options);
  const width = base.unet.down[0]!.channels;
  const columns = lightningColumns(teacherSteps);
  return {
    name: `lightning-${steps}-${loss.kind}`,
    seed,
    iterations,
    initial: new Map([
      ...state,
      ...baseResidents(base),
      ...(teacherAdapter === undefined ? [] : ([["teacher", teacherAdapter]] as const)),
    ]),
    state: [...state.keys()],
    layouts: new Map([["lora", layout]]),
    programs: [program],
    async iterate({ runner, index }): Promise<Metrics> {
      const random = randomStream(seed, "lightning", index);
      const rows = Array.from({ length: batch }, () =>
        lightningRow(options, trainedAt[random.below(trainedAt.length)]!, random),
      );
      const learningRate = learningRateAt(options.learningRate, index, iterations);
      const answers = await runner.run(program, {
        ...nextBatch(index, random),
        columns: columnFeed(
          columns,
          rows.map(({ row }) => row as Readonly<Record<string, number>>),
        ),
        ...Object.fromEntries(
          Array.from({ length: teacherSteps }, (_, i) => [
            `time_features${i}`,
            timeFeed(
              rows.map(({ times }) => times[i]!),
              width,
            ),
          ]),
        ),
        ...(loss.kind === "adversarial" &&
          critic && {
            star_features: timeFeed(
              rows.map(({ star }) => star),
              width,
            ),
            renoise: noiseFeed(data, batch, random),
            ...hyperFeed(critic, index, learningRateAt(loss.learningRate, index, iterations)),
          }),
        ...hyperFeed(student, index, learningRate),
      });
      return {
        ...lossAndNorm(answers, "lora"),
        squared: Number(answers.squared!.data[0]),
        ...(answers.critic && { critic: Number(answers.critic.data[0]) }),
        learningRate,
      };
    },
  };
}
