// `fewstep train hyper`: the stages of segments, or score distillation for one step; either with feedback.
import {
  dmdRecipe,
  HYPER_STAGES,
  headsCritic,
  hyperRecipe,
  oneStepLayout,
  type Recipe,
  readVector,
  unpackFlat,
} from "@fewstep/train";
import { HYPER_DEFAULTS } from "./adapter-options.js";
import { type AdapterRun, above, faster } from "./adapter-run.js";
import { feedbackOf } from "./critic-parts.js";

/** As Phased Consistency Models' for LoRAs that are used with guidance. */
const EMPTY_CAPTIONS = 0.1;
/** DDIM steps of the teacher that the squared error beside the scores is taken to. */
const REGRESSION_STEPS = 8;

export const hyperOf = (run: AdapterRun): Promise<Recipe> =>
  run.options.scoreDistillation ? scoreDistilled(run) : segmented(run);

async function segmented(run: AdapterRun): Promise<Recipe> {
  const { shared, options } = run;
  const { guidance, studentSteps, firstSteps, keepGuidance, grid } = options;
  const chain = HYPER_STAGES.filter(({ segments }) => segments >= studentSteps && segments <= firstSteps);
  const stages = chain.map((stage, i) => ({ ...stage, iterations: share(shared.iterations, chain.length, i) }));
  const feedback = await feedbackOf(run);
  return hyperRecipe({
    ...shared,
    ...(keepGuidance === undefined
      ? { guidance: [above(guidance[0]), above(guidance[1])] }
      : { guidance: [0, 0], emptyCaptions: EMPTY_CAPTIONS }),
    stages,
    ...(grid === undefined ? {} : { grid }),
    ...(stages.some(({ adversarial }) => adversarial > 0)
      ? { critic: headsCritic(shared.base, shared.shape), criticLearningRate: faster(shared.learningRate) }
      : {}),
    ...(feedback && { feedback }),
  });
}

async function scoreDistilled(run: AdapterRun): Promise<Recipe> {
  const { shared, teacher, options, signal } = run;
  const { guidance, scoreUpdates, scoreLearningRate, learningRate } = options;
  const weight = options.regressionWeight ?? HYPER_DEFAULTS.regressionWeight;
  const layout = oneStepLayout(shared);
  const copied = unpackFlat(layout, await readVector(layout, teacher.unet.weights, signal));
  const feedback = await feedbackOf(run);
  return dmdRecipe({
    ...shared,
    guidance: above((guidance[0] + guidance[1]) / 2),
    scoreUpdates: scoreUpdates ?? HYPER_DEFAULTS.scoreUpdates,
    scoreLearningRate: { ...shared.learningRate, peak: scoreLearningRate ?? learningRate },
    copy: (name) => copied.get(name)!,
    ...(weight > 0 ? { regression: { weight, steps: REGRESSION_STEPS } } : {}),
    ...(feedback && { feedback }),
  });
}

/** Whole parts of `total`, the first ones the larger. */
const share = (total: number, parts: number, index: number): number =>
  Math.floor(total / parts) + (index < total % parts ? 1 : 0);
