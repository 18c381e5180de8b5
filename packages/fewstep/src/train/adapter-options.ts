// The options that only LCM, Hyper or Turbo have, and which of them go together.
import { type Command, Option } from "commander";
import { badValue, isNumber, number, whole, word } from "../run/parse-values.js";
import { named, type OptionRule } from "./option-rules.js";
import { fraction, weight } from "./parse-training-values.js";

export interface HyperOnlyOptions extends ConsistencyOptions {
  /** Segments of the first stage. */
  readonly firstSteps: number;
  /** The scale that the LoRA is used with; undefined: it is used without guidance. */
  readonly keepGuidance?: number;
  /** A critic's file. */
  readonly feedback?: string;
  readonly feedbackWeight?: number;
  readonly feedbackThreshold?: number;
  readonly scoreDistillation?: boolean;
  readonly scoreUpdates?: number;
  readonly scoreLearningRate?: number;
  readonly regressionWeight?: number;
}

/** LCM and Hyper. */
export interface ConsistencyOptions {
  readonly grid?: number;
}

export interface LcmOnlyOptions extends ConsistencyOptions {
  readonly targetAverage?: number;
}

export interface TurboOnlyOptions {
  /** A critic's file. */
  readonly critic?: string;
  readonly noiseAlone?: number;
  readonly distillationWeight?: number;
}

export const HYPER_DEFAULTS = {
  keepGuidance: 5,
  feedbackWeight: 0.001,
  feedbackThreshold: -0.1,
  scoreUpdates: 5,
  regressionWeight: 0.25,
} as const;

/** Points of the teacher's trajectory, as the recipes have them. */
const GRIDS = { lcm: 50, hyper: 40 } as const;
const TIMESTEPS = 1000;
export const TURBO_DEFAULTS = { noiseAlone: 0.7, distillationWeight: 2.5 } as const;

const SEGMENTS = ["8", "4", "2", "1"] as const;
const KEPT_STEPS = 8;
const MAX_SCALE = 30;
const MAX_UPDATES = 100;

const segments =
  (option: string) =>
  (text: string): number =>
    Number(word(option, SEGMENTS)(text));

const atMostZero =
  (option: string) =>
  (text: string): number => {
    const value = number(option)(text);
    if (value <= 0) return value;
    throw badValue(option, text, "a mean log probability: a number of at most 0");
  };

const scale =
  (option: string) =>
  (text: string): number => {
    if (isNumber(text) && Number(text) > 1 && Number(text) <= MAX_SCALE) return Number(text);
    throw badValue(option, text, `a guidance scale above 1, at most ${MAX_SCALE}`);
  };

const divisor =
  (option: string) =>
  (text: string): number => {
    const value = whole(option, 2, TIMESTEPS)(text);
    if (TIMESTEPS % value === 0) return value;
    throw badValue(option, text, `a divisor of ${TIMESTEPS}: 20, 25, 40, 50 ...`);
  };

const addGrid = (command: Command, usual: number): Command =>
  command.option(
    "--grid <n>",
    `points of the teacher's trajectory, of which each learns from the one before; default ${usual}`,
    divisor("grid"),
  );

export function addHyperOptions(command: Command): Command {
  const { keepGuidance, feedbackWeight, feedbackThreshold, scoreUpdates, regressionWeight } = HYPER_DEFAULTS;
  return addGrid(command, GRIDS.hyper)
    .option("--student-steps <n>", "segments of the last stage: 8, 4, 2 or 1", segments("student-steps"), 1)
    .option(
      "--first-steps <n>",
      "segments of the first stage, for what goes on from a LoRA of an earlier one (--start)",
      segments("first-steps"),
      8,
    )
    .addOption(
      new Option(
        "--keep-guidance [scale]",
        `keep guidance for the LoRA's user: an unguided teacher and a tenth of the captions empty; used with this scale, default ${keepGuidance}`,
      )
        .argParser(scale("keep-guidance"))
        .preset(String(keepGuidance))
        .conflicts(["guidance", "scoreDistillation"]),
    )
    .option("--feedback <file>", "a critic: reward pictures in which it reads what the caption names")
    .option(
      "--feedback-weight <x>",
      `of the reward beside the other losses; default ${feedbackWeight}`,
      weight("feedback-weight"),
    )
    .option(
      "--feedback-threshold <x>",
      `the reward, a mean log probability, that is enough; default ${feedbackThreshold}`,
      atMostZero("feedback-threshold"),
    )
    .addOption(
      new Option(
        "--score-distillation",
        "for one step: match the teacher's distribution by a second network's score, a whole copy of the teacher's UNet",
      ).conflicts("firstSteps"),
    )
    .option(
      "--score-updates <n>",
      `of the second network for one of the LoRA; default ${scoreUpdates}`,
      whole("score-updates", 1, MAX_UPDATES),
    )
    .option("--score-learning-rate <x>", "of the second network; default: the LoRA's", fraction("score-learning-rate"))
    .option(
      "--regression-weight <x>",
      `of the squared error to the teacher's own few steps, beside the scores; default ${regressionWeight}, 0 leaves it out`,
      weight("regression-weight"),
    );
}

export const addLcmOptions = (command: Command): Command =>
  addGrid(command, GRIDS.lcm).option(
    "--target-average <x>",
    "learn from the LoRA's average, kept at this rate; default: from the LoRA as it is",
    fraction("target-average"),
  );

export const addTurboOptions = (command: Command): Command =>
  command
    .option(
      "--critic <file>",
      "judge decoded pictures by heads on this critic's features; default: noised latents by heads on the teacher's",
    )
    .option(
      "--noise-alone <x>",
      `part of the batch that starts from noise alone, where sampling begins; default ${TURBO_DEFAULTS.noiseAlone}`,
      fraction("noise-alone"),
    )
    .option(
      "--distillation-weight <x>",
      `of the teacher's part beside the critic's; default ${TURBO_DEFAULTS.distillationWeight}`,
      weight("distillation-weight"),
    );

type StagedOptions = HyperOnlyOptions & { readonly studentSteps: number; readonly until?: unknown };
type Rule = OptionRule<StagedOptions>;

/** Whether the iterations are shared out to stages of fewer and fewer segments. */
export const hasSeveralStages = ({ scoreDistillation, firstSteps, studentSteps }: StagedOptions): boolean =>
  scoreDistillation !== true && firstSteps > studentSteps;

const steps = ({ studentSteps }: { readonly studentSteps: number }) => `--student-steps ${studentSteps}`;

const scoreOnly = ({ scoreUpdates, scoreLearningRate, regressionWeight }: HyperOnlyOptions) =>
  named(
    ["score-updates", scoreUpdates],
    ["score-learning-rate", scoreLearningRate],
    ["regression-weight", regressionWeight],
  );
const feedbackOnly = ({ feedbackWeight, feedbackThreshold }: HyperOnlyOptions) =>
  named(["feedback-weight", feedbackWeight], ["feedback-threshold", feedbackThreshold]);

export const HYPER_RULES: readonly Rule[] = [
  {
    broken: ({ firstSteps, studentSteps }) => firstSteps < studentSteps,
    why: "stages go from more segments to fewer",
    found: (options) => `--first-steps ${options.firstSteps} ${steps(options)}`,
    expected: "--first-steps of at least --student-steps",
  },
  {
    broken: (options) => options.until !== undefined && hasSeveralStages(options),
    why: "an early end would leave the stages of fewer segments out",
    found: (options) => `--until with --first-steps ${options.firstSteps} ${steps(options)}`,
    expected: "one stage: --first-steps equal to --student-steps, or no --until",
  },
  {
    broken: ({ scoreDistillation, studentSteps }) => scoreDistillation === true && studentSteps !== 1,
    why: "score distillation makes a LoRA of one step",
    found: steps,
    expected: "--student-steps 1",
  },
  {
    broken: (options) => options.scoreDistillation !== true && scoreOnly(options).length > 0,
    why: "these options are score distillation's",
    found: (options) => scoreOnly(options).join(" "),
    expected: "--score-distillation with them",
  },
  {
    broken: ({ scoreDistillation, grid }) => scoreDistillation === true && grid !== undefined,
    why: "the grid is that of segments, and scores have none",
    found: ({ grid }) => `--grid ${grid} --score-distillation`,
    expected: "one of them",
  },
  {
    broken: (options) => options.feedback === undefined && feedbackOnly(options).length > 0,
    why: "these options are the feedback's",
    found: (options) => feedbackOnly(options).join(" "),
    expected: "--feedback FILE with them",
  },
  {
    broken: ({ keepGuidance, studentSteps }) => keepGuidance !== undefined && studentSteps !== KEPT_STEPS,
    why: "a LoRA that keeps guidance is one of 8 steps, as Hyper's own",
    found: steps,
    expected: `--student-steps ${KEPT_STEPS}`,
  },
];
