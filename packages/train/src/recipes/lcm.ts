// LCM-LoRA (Luo et al. 2023b): the adapter learns to jump from any point of a 50-step guided DDIM trajectory to its end.
// Defaults are diffusers' train_lcm_distill_lora_sd scripts' but for the guidance range, which belongs to the teacher.
import { type Graph, GraphBuilder } from "@fewstep/core";
import { columnFeed, columnOf } from "../losses/columns.js";
import { boundaryAt, consistency } from "../losses/consistency.js";
import { batchMean, pseudoHuber } from "../losses/elementwise.js";
import { noised } from "../losses/prediction.js";
import { carried, guidedTeacher } from "../losses/trajectory.js";
import { initialWeights } from "../models/initial-weights.js";
import { learningRateAt } from "../optim/learning-rate.js";
import { randomStream } from "../optim/random-stream.js";
import { FROZEN } from "../program/sources.js";
import { hyperFeed, type TrainStepOptions, trainStep } from "../program/train-step.js";
import { timeFeed } from "./conditioning.js";
import { baseResidents, type DistillOptions, type ObjectiveOptions, startBatch } from "./distillation.js";
import { lossAndNorm } from "./loss-and-norm.js";
import { initialState, type Metrics, type Recipe } from "./recipe.js";
import { type DistilledNetworks, distilledNetworks, LORA } from "./teacher.js";

export interface LcmOptions extends DistillOptions {
  /** Range of w, drawn evenly; e = c + w (c - u), so scale = 1 + w. */
  readonly guidance: readonly [least: number, most: number];
  /** DDIM steps that divide the timesteps; default 50. */
  readonly grid?: number;
  /**
   * The target network: default the student as it is (LCM-LoRA); a rate of averaging makes it the student's average, as Luo et al. 2023a have
   * it, which is also what is written.
   */
  readonly targetAverage?: number;
}

export const LCM_OPTIMISER: TrainStepOptions = {
  beta1: 0.9,
  beta2: 0.999,
  epsilon: 1e-8,
  weightDecay: 0,
  clip: 1,
  average: 0.995,
};

export const LCM_COLUMNS = [
  "a",
  "s",
  "skip",
  "out",
  "aPrevious",
  "sPrevious",
  "skipPrevious",
  "outPrevious",
  "w",
] as const;

/** Inputs: latents, noise, columns, time_features, previous_features, and the conditioning's. Outputs: loss, noisy, previous, model, target. */
export function lcmObjective(options: ObjectiveOptions, { teacher, student, frozenStudent }: DistilledNetworks): Graph {
  const { shape, batch, base, conditioning } = options;
  const { prediction: type } = base;
  const b = new GraphBuilder("lcm");
  const latents = b.input("latents", [batch, ...shape]);
  const noise = b.input("noise", [batch, ...shape]);
  const column = columnOf(b, b.input("columns", [batch, LCM_COLUMNS.length]), LCM_COLUMNS);
  const width = base.unet.down[0]!.channels;
  const timeFeatures = b.input("time_features", [batch, width]);
  const previousFeatures = b.input("previous_features", [batch, width]);
  const { context, empty } = conditioning.build(b, batch, true);
  const level = { a: column("a"), s: column("s") };
  const levelPrevious = { a: column("aPrevious"), s: column("sPrevious") };

  const noisy = noised(b, latents, noise, level);
  const guide = guidedTeacher(teacher, empty!, column("w"));
  const previous = carried(b, type, guide, noisy, [level, levelPrevious], [timeFeatures], context);
  const before = frozenStudent(b, "target", { sample: previous, timeFeatures: previousFeatures, context });
  const target = consistency(b, type, previous, before, levelPrevious, {
    skip: column("skipPrevious"),
    out: column("outPrevious"),
  });
  const now = student(b, "student", { sample: noisy, timeFeatures, context });
  const model = consistency(b, type, noisy, now, level, { skip: column("skip"), out: column("out") });
  const loss = batchMean(b, pseudoHuber(b, model, target));
  return b.finish(Object.entries({ loss, noisy, previous, model, target }).map(([name, value]) => ({ name, value })));
}

/** The row of one picture: grid point `index`, its predecessor (point 0: alpha-bar's first), and w. */
export function lcmRow(alphaBar: Float64Array, grid: number, index: number, w: number) {
  const stride = alphaBar.length / grid;
  const t = Math.floor((index + 1) * stride) - 1;
  const previous = Math.max(0, t - stride);
  const bar = alphaBar[t]!;
  const barPrevious = index === 0 ? alphaBar[0]! : alphaBar[Math.floor(index * stride) - 1]!;
  const [now, before] = [boundaryAt(t), boundaryAt(previous)];
  return {
    t,
    previous,
    row: {
      a: Math.sqrt(bar),
      s: Math.sqrt(1 - bar),
      skip: now.skip,
      out: now.out,
      aPrevious: Math.sqrt(barPrevious),
      sPrevious: Math.sqrt(1 - barPrevious),
      skipPrevious: before.skip,
      outPrevious: before.out,
      w,
    },
  };
}

export function lcmRecipe(options: LcmOptions): Recipe {
  const { base, alphaBar, batch, iterations, seed, grid = 50, guidance, targetAverage } = options;
  const averaged = targetAverage === undefined ? {} : { average: targetAverage };
  const optimiser = { ...LCM_OPTIMISER, ...averaged, ...options.optimiser };
  const networks = distilledNetworks(base.unet, base.nameOf, options.lora);
  const { layout } = networks;
  const graph = lcmObjective(options, networks);
  const trained = { name: "lora", layout, prefix: LORA, loss: "loss", options: optimiser };
  const program = trainStep(
    { ...graph, outputs: graph.outputs.filter(({ name }) => name === "loss") },
    [trained],
    [{ resident: targetAverage === undefined ? "lora.p" : "lora.ema", layout, prefix: FROZEN + LORA }, ...base.sources],
  );
  const start = options.start ?? initialWeights(layout, "lora", seed);
  const state = initialState("lora", start, optimiser);
  const nextBatch = startBatch(options);
  const width = base.unet.down[0]!.channels;
  return {
    name: "lcm",
    seed,
    iterations,
    initial: new Map([...state, ...baseResidents(base)]),
    state: [...state.keys()],
    layouts: new Map([["lora", layout]]),
    programs: [program],
    async iterate({ runner, index }): Promise<Metrics> {
      const random = randomStream(seed, "lcm", index);
      const [least, most] = guidance;
      const rows = Array.from({ length: batch }, () =>
        lcmRow(alphaBar, grid, random.below(grid), least + (most - least) * random.uniform()),
      );
      const learningRate = learningRateAt(options.learningRate, index, iterations);
      const answers = await runner.run(program, {
        ...nextBatch(index, random),
        columns: columnFeed(
          LCM_COLUMNS,
          rows.map(({ row }) => row),
        ),
        time_features: timeFeed(
          rows.map(({ t }) => t),
          width,
        ),
        previous_features: timeFeed(
          rows.map(({ previous }) => previous),
          width,
        ),
        ...hyperFeed(trained, index, learningRate),
      });
      return { ...lossAndNorm(answers, trained.name), learningRate };
    },
  };
}
