// Method -> its recipe over a teacher that lies in a file, with what the method's paper fixes and the command's options vary.
import { readTensor } from "@fewstep/core";
import {
  type Critic,
  encoderCritic,
  headsCritic,
  lcmRecipe,
  lightningRecipe,
  type Recipe,
  turboLevels,
  turboRecipe,
} from "@fewstep/train";
import { type AdapterRun, above, faster } from "./adapter-run.js";
import { pictureCriticOf } from "./critic-parts.js";
import type { SharedOptions } from "./distillation-inputs.js";
import { hyperOf } from "./hyper-recipe.js";
import type { AdapterMethod } from "./methods.js";

export const ADAPTER_RECIPES: Readonly<Record<AdapterMethod, (run: AdapterRun) => Promise<Recipe>>> = {
  lcm: async ({ shared, options: { guidance, grid, targetAverage } }) =>
    lcmRecipe({
      ...shared,
      guidance: [above(guidance[0]), above(guidance[1])],
      ...(grid === undefined ? {} : { grid }),
      ...(targetAverage === undefined ? {} : { targetAverage }),
    }),
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
  hyper: hyperOf,
  async turbo(run) {
    const {
      shared,
      options: { guidance, critic, noiseAlone, distillationWeight },
    } = run;
    return turboRecipe({
      ...shared,
      ...(noiseAlone === undefined ? {} : { levels: turboLevels(noiseAlone) }),
      ...(distillationWeight === undefined ? {} : { distillation: distillationWeight }),
      guidance: above((guidance[0] + guidance[1]) / 2),
      critic: critic === undefined ? headsCritic(shared.base, shared.shape) : await pictureCriticOf(critic, run),
      criticLearningRate: faster(shared.learningRate),
    });
  },
};

/** A critic that starts as the teacher's way down and middle: their weights are read from its file. */
export async function copiedCritic(
  { shared, teacher, signal }: Pick<AdapterRun, "teacher" | "signal"> & { readonly shared: SharedOptions },
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
