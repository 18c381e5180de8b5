// Method -> its recipe over a teacher that lies in a file, with what the method's paper fixes and the command's options vary.
import { readTensor } from "@fewstep/core";
import {
  type Critic,
  type DistillOptions,
  encoderCritic,
  HYPER_STAGES,
  headsCritic,
  hyperRecipe,
  type LearningRate,
  lcmRecipe,
  lightningRecipe,
  type Recipe,
  turboRecipe,
} from "@fewstep/train";
import type { AdapterMethod } from "./methods.js";
import type { Teacher } from "./teacher.js";
import type { TrainOptions } from "./train-options.js";

export interface AdapterRun {
  readonly shared: DistillOptions;
  readonly teacher: Teacher;
  readonly options: TrainOptions;
  /** The LoRA of the stage before, if any. */
  readonly teacherAdapter: Float32Array | undefined;
  readonly signal: AbortSignal;
}

/** Critics learn this much faster than the student: D of LADD's reimplementations, 10 to 5 times the generator's. */
const CRITIC_RATE = 5;

/** e = c + w (c - u): a scale of 1 is w = 0. */
const above = (scale: number): number => scale - 1;

export const ADAPTER_RECIPES: Readonly<Record<AdapterMethod, (run: AdapterRun) => Promise<Recipe>>> = {
  lcm: async ({ shared, options: { guidance } }) =>
    lcmRecipe({ ...shared, guidance: [above(guidance[0]), above(guidance[1])] }),
  async lightning(run) {
    const { shared, options, teacherAdapter } = run;
    const { guidance, studentSteps: steps, teacherSteps, adversarial } = options;
    return lightningRecipe({
      ...shared,
      steps,
      teacherSteps,
      ...(teacherAdapter === undefined ? {} : { teacherAdapter }),
      loss:
        adversarial === undefined
          ? { kind: "squared", guidance: above((guidance[0] + guidance[1]) / 2) }
          : {
              kind: "adversarial",
              critic: await copiedCritic(run, adversarial === "conditional"),
              learningRate: shared.learningRate,
            },
    });
  },
  async hyper({ shared, options: { guidance, studentSteps } }) {
    const chain = HYPER_STAGES.filter(({ segments }) => segments >= studentSteps);
    const stages = chain.map((stage, i) => ({ ...stage, iterations: share(shared.iterations, chain.length, i) }));
    return hyperRecipe({
      ...shared,
      guidance: [above(guidance[0]), above(guidance[1])],
      stages,
      ...(stages.some(({ adversarial }) => adversarial > 0)
        ? { critic: headsCritic(shared.base, shared.shape), criticLearningRate: faster(shared.learningRate) }
        : {}),
    });
  },
  turbo: async ({ shared, options: { guidance } }) =>
    turboRecipe({
      ...shared,
      guidance: above((guidance[0] + guidance[1]) / 2),
      critic: headsCritic(shared.base, shared.shape),
      criticLearningRate: faster(shared.learningRate),
    }),
};

/** The critic's rate beside a student's. */
export const faster = (rate: LearningRate): LearningRate => ({ ...rate, peak: CRITIC_RATE * rate.peak });

/** Whole parts of `total`, the first ones the larger. */
const share = (total: number, parts: number, index: number): number =>
  Math.floor(total / parts) + (index < total % parts ? 1 : 0);

/** A critic that starts as the teacher's way down and middle: their weights are read from its file. */
export async function copiedCritic(
  {
    shared,
    teacher,
    signal,
  }: Pick<AdapterRun, "teacher" | "signal"> & { readonly shared: Omit<DistillOptions, "start"> },
  conditional: boolean,
): Promise<Critic> {
  const values = new Map<string, Float32Array>();
  const critic = encoderCritic(shared.base, shared.shape, conditional, (name) => values.get(name)!);
  for (const { name } of critic.layout.entries) {
    const tensor = teacher.unet.weights.get(name);
    if (tensor !== undefined) values.set(name, await readTensor(tensor, signal));
  }
  return critic;
}
