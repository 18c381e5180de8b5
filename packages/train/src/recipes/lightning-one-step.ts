// SDXL-Lightning's one-step model (section 3.7): a whole UNet that answers the clean picture itself, since an epsilon is useless to a single
// step from noise alone. First it is turned (squared error against the x0 of the adapted base), then trained on against the end of the
// adapted base's few steps, squared or adversarial. It is trained at four timesteps and used at the last.
import { type Graph, GraphBuilder, unet, type Value } from "@fewstep/core";
import { type FlatLayout, flatLayout, packFlat } from "../flat/layout.js";
import { adversarialLosses } from "../losses/adversarial.js";
import { columnFeed, columnOf } from "../losses/columns.js";
import { batchMean, squaredError } from "../losses/elementwise.js";
import { noised } from "../losses/prediction.js";
import { carried } from "../losses/trajectory.js";
import { unetNetwork } from "../models/network.js";
import { type LearningRate, learningRateAt } from "../optim/learning-rate.js";
import { randomStream } from "../optim/random-stream.js";
import { hyperFeed, trainStep } from "../program/train-step.js";
import { timeFeed } from "./conditioning.js";
import type { Critic } from "./critic.js";
import { trainedCritic } from "./critic-options.js";
import { baseResidents, type DistillOptions, startBatch } from "./distillation.js";
import { noiseFeed } from "./latent-batch.js";
import { LIGHTNING_OPTIMISER, RENOISED_TIMESTEPS } from "./lightning.js";
import { lossAndNorm } from "./loss-and-norm.js";
import { initialState, type Metrics, type Recipe } from "./recipe.js";
import { distilledNetworks } from "./teacher.js";

export interface LightningOneStepOptions extends Omit<DistillOptions, "start"> {
  /** Steps of the adapted base from the input down to the clean picture; 1 turns its one prediction into an x0. */
  readonly teacherSteps: number;
  /** The adapter that makes the teacher: the two-step stage's. */
  readonly teacherAdapter: Float32Array;
  /** First values of the student by canonical name: the base's weights, or an earlier stage's. */
  readonly copy: (name: string) => Float32Array;
  /** Undefined: squared error. */
  readonly adversarial?: { readonly critic: Critic; readonly learningRate: LearningRate };
  /** Default 250, 500, 750 and the last. */
  readonly timesteps?: readonly number[];
}

/** Prefix of the student's weights. */
const STUDENT = "one-step:";
const TEACHER_ADAPTER = "teacher:";

const columnsOf = (teacherSteps: number): readonly string[] => [
  "aInput",
  "sInput",
  ...Array.from({ length: teacherSteps + 1 }, (_, i) => [`a${i}`, `s${i}`]).flat(),
  "aStar",
  "sStar",
];

/** The student's weights: a whole UNet. */
export function oneStepLayout({ base }: { readonly base: Pick<DistillOptions["base"], "unet"> }): FlatLayout {
  return flatLayout(unet(base.unet, { batch: 1, height: 8, width: 8, tokens: 1 }).weights);
}

/** Outputs: loss, critic (if adversarial), squared, model (x0), target. */
function objective(options: LightningOneStepOptions): Graph {
  const { base, shape, batch, conditioning, teacherSteps, adversarial } = options;
  const { adapted } = distilledNetworks(base.unet, base.nameOf, options.lora);
  const b = new GraphBuilder("lightning-one-step");
  const [latents, noise] = [b.input("latents", [batch, ...shape]), b.input("noise", [batch, ...shape])];
  const names = columnsOf(teacherSteps);
  const column = columnOf(b, b.input("columns", [batch, names.length]), names);
  const features = (name: string) => b.input(name, [batch, base.unet.down[0]!.channels]);
  const times = Array.from({ length: teacherSteps }, (_, i) => features(`time_features${i}`));
  const { context } = conditioning.build(b, batch, false);
  const levels = Array.from({ length: teacherSteps + 1 }, (_, i) => ({ a: column(`a${i}`), s: column(`s${i}`) }));
  const noisy = noised(b, latents, noise, { a: column("aInput"), s: column("sInput") });
  const target = carried(b, base.prediction, adapted(TEACHER_ADAPTER), noisy, levels, times, context);
  const student = unetNetwork(base.unet, (id) => STUDENT + id);
  // prediction "sample": the output is the picture
  const model = student(b, "student", { sample: noisy, timeFeatures: times[0]!, context });
  const squared = batchMean(b, squaredError(b, model, target));
  const outputs: Record<string, Value> = { loss: squared, squared, model, target };
  if (adversarial !== undefined) {
    const star = { timeFeatures: features("star_features"), context };
    const renoise = b.input("renoise", [batch, ...shape]);
    const level = { a: column("aStar"), s: column("sStar") };
    const judge = (tag: string, x: Value) =>
      adversarial.critic.judge(
        b,
        tag,
        { ...star, sample: noised(b, x, renoise, level) },
        // where it came from, for a conditional critic
        { sample: noisy, timeFeatures: times[0]!, context },
      );
    const [real, fake] = [judge("real", target), judge("fake", model)];
    const losses = adversarialLosses["non-saturating"];
    outputs.loss = losses.generator(b, fake);
    outputs.critic = losses.discriminator(b, real, fake);
  }
  return b.finish(Object.entries(outputs).map(([name, value]) => ({ name, value })));
}

export function lightningOneStepRecipe(options: LightningOneStepOptions): Recipe {
  const { base, alphaBar, batch, iterations, seed, teacherSteps, teacherAdapter, copy, adversarial, data } = options;
  const { layout: adapterLayout } = distilledNetworks(base.unet, base.nameOf, options.lora);
  const layout = oneStepLayout(options);
  const optimiser = { ...LIGHTNING_OPTIMISER, ...options.optimiser };
  const student = { name: "unet", layout, prefix: STUDENT, loss: "loss", options: optimiser };
  const critic = adversarial && trainedCritic(adversarial.critic, options.optimiser);
  const kept = new Set(["loss", "critic", "squared"]);
  const graph = objective(options);
  const program = trainStep(
    { ...graph, outputs: graph.outputs.filter(({ name }) => kept.has(name)) },
    critic === undefined ? [student] : [student, critic],
    [{ resident: "teacher", layout: adapterLayout, prefix: TEACHER_ADAPTER }, ...base.sources],
  );
  const state = new Map([
    ...initialState(
      "unet",
      packFlat(layout, ({ name }) => copy(name)),
      optimiser,
    ),
    ...(adversarial && critic ? initialState("critic", adversarial.critic.initial(seed), critic.options) : []),
  ]);
  const last = alphaBar.length - 1;
  const trainedAt = options.timesteps ?? [250, 500, 750, last];
  const nextBatch = startBatch(options, false);
  const width = base.unet.down[0]!.channels;
  const names = columnsOf(teacherSteps);
  return {
    name: `lightning-1-${adversarial === undefined ? "squared" : "adversarial"}`,
    seed,
    iterations,
    initial: new Map([...state, ...baseResidents(base), ["teacher", teacherAdapter]]),
    state: [...state.keys()],
    layouts: new Map([["unet", layout]]),
    programs: [program],
    async iterate({ runner, index }): Promise<Metrics> {
      const random = randomStream(seed, "lightning-one-step", index);
      const rows = Array.from({ length: batch }, () => {
        const t = trainedAt[random.below(trainedAt.length)]!;
        const star = RENOISED_TIMESTEPS[random.below(RENOISED_TIMESTEPS.length)]!;
        const times = Array.from({ length: teacherSteps }, (_, i) => Math.round(t - (i * (t + 1)) / teacherSteps));
        const bars = [...times.map((time) => alphaBar[time]!), 1];
        const row: Record<string, number> = {
          aInput: t === last ? 0 : Math.sqrt(bars[0]!),
          sInput: t === last ? 1 : Math.sqrt(1 - bars[0]!),
          aStar: Math.sqrt(alphaBar[star]!),
          sStar: Math.sqrt(1 - alphaBar[star]!),
        };
        for (const [i, bar] of bars.entries())
          Object.assign(row, { [`a${i}`]: Math.sqrt(bar), [`s${i}`]: Math.sqrt(1 - bar) });
        return { times, star, row };
      });
      const features = (read: (one: (typeof rows)[number]) => number) => timeFeed(rows.map(read), width);
      const learningRate = learningRateAt(options.learningRate, index, iterations);
      const answers = await runner.run(program, {
        ...nextBatch(index, random),
        columns: columnFeed(
          names,
          rows.map(({ row }) => row),
        ),
        ...Object.fromEntries(
          Array.from({ length: teacherSteps }, (_, i) => [`time_features${i}`, features(({ times }) => times[i]!)]),
        ),
        ...(adversarial &&
          critic && {
            star_features: features(({ star }) => star),
            renoise: noiseFeed(data, batch, random),
            ...hyperFeed(critic, index, learningRateAt(adversarial.learningRate, index, iterations)),
          }),
        ...hyperFeed(student, index, learningRate),
      });
      return {
        ...lossAndNorm(answers, "unet"),
        squared: Number(answers.squared!.data[0]),
        ...(answers.critic && { critic: Number(answers.critic.data[0]) }),
        learningRate,
      };
    },
  };
}
