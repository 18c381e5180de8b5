// How the embedded model is made, as data: every stage's command, in order. `npm run train:tiny` runs it; the model card is held against it.
// Stages after those are further ones, which nothing that ships needs: they run when they are named, or all with --further.
// A stage's result is the file it names; a stage whose file is there is done. Numbers are the ones that the shipping model is trained with.

/** What `fewstep train` is told to train; the critic and the judge are the classifier's program's. */
export type TrainVerb = "vae" | "base" | "lcm" | "lightning" | "hyper" | "turbo" | ClassifierVerb;
type ClassifierVerb = "critic" | "judge";

const isClassifier = (verb: TrainVerb): verb is ClassifierVerb => verb === "critic" || verb === "judge";

export interface TrainingStage {
  /** Also the name of its file, its state folder and its sheets. */
  readonly name: string;
  readonly verb: TrainVerb;
  readonly iterations: number;
  readonly batch: number;
  readonly seed: number;
  readonly learningRate: number;
  /** Pictures of the illustrator's stream 1. */
  readonly pictures: number;
  /** Results of earlier stages that it takes, by option. */
  readonly from: Readonly<Record<string, string>>;
  /** `guidance` is a full scale: 1 is none. An option without a value is "". */
  readonly options: Readonly<Record<string, string>>;
  /** Ships with the package. */
  readonly ships: boolean;
  /** No stage that ships needs it; default false. */
  readonly further?: true;
}

const decoder = { verb: "vae", batch: 8, learningRate: 1e-3, pictures: 20_000, ships: false } as const;
const decoderOptions = { crop: "64", "decoder-only": "", "patch-critic": "0.05" } as const;
const base = { verb: "base", pictures: 16_000, ships: false } as const;
const adapter = { batch: 16, seed: 1, pictures: 4000, ships: true } as const;
const progressive = { ...adapter, verb: "lightning", batch: 8 } as const;
/** Half a rank of 16, which drew no better pictures. */
const rank = { rank: "8", alpha: "8" } as const;
const further = { batch: 8, seed: 1, pictures: 4000, ships: false, further: true } as const;

export const TRAINING_PLAN: readonly TrainingStage[] = [
  {
    name: "vae",
    verb: "vae",
    iterations: 5500,
    batch: 8,
    seed: 1,
    learningRate: 2e-3,
    pictures: 20_000,
    from: {},
    options: { crop: "64" },
    ships: false,
  },
  // the encoder's latents are what all models below learn; errors a pixel alone had left outlines soft
  {
    ...decoder,
    name: "vae-decoder",
    iterations: 6000,
    seed: 2,
    from: { start: "vae" },
    options: decoderOptions,
  },
  // what models sample lies beside the encoder's latents, and was drawn as texture
  {
    ...decoder,
    name: "vae-decoder-noised",
    iterations: 3500,
    seed: 3,
    from: { start: "vae-decoder" },
    options: { ...decoderOptions, "latent-noise": "0.3" },
  },
  {
    ...base,
    name: "tiny-first",
    iterations: 5600,
    batch: 24,
    seed: 1,
    learningRate: 1e-3,
    from: { vae: "vae" },
    options: { prediction: "v" },
  },
  // words are learned where noise is strong: of the first run the judge read 66 % of the attributes, after this one 78 %
  {
    ...base,
    name: "tiny-captions",
    iterations: 3600,
    batch: 16,
    seed: 2,
    learningRate: 8e-4,
    from: { vae: "vae", start: "tiny-first" },
    options: { prediction: "v", "timestep-power": "2" },
  },
  {
    ...base,
    name: "tiny-words",
    iterations: 5200,
    batch: 16,
    seed: 3,
    learningRate: 7e-4,
    from: { vae: "vae", start: "tiny-captions" },
    options: { prediction: "v", "timestep-power": "1" },
  },
  // sampling starts from noise alone, so training must; and small things are learned where noise is weak
  {
    ...base,
    name: "tiny",
    iterations: 9000,
    batch: 16,
    seed: 4,
    learningRate: 8e-4,
    from: { vae: "vae-decoder-noised", start: "tiny-words" },
    options: { prediction: "v", "timestep-power": "0.5", "zero-terminal-snr": "" },
    ships: true,
  },
  {
    ...adapter,
    name: "tiny-lcm",
    verb: "lcm",
    iterations: 400,
    learningRate: 4e-4,
    from: { teacher: "tiny" },
    options: { ...rank, guidance: "1.5,2", grid: "20", "target-average": "0.97" },
  },
  {
    ...progressive,
    name: "lightning-squared-8",
    iterations: 500,
    learningRate: 3e-4,
    from: { teacher: "tiny" },
    options: { ...rank, guidance: "1.75", "student-steps": "8", "teacher-steps": "4" },
    ships: false,
  },
  {
    ...progressive,
    name: "lightning-squared-4",
    iterations: 400,
    learningRate: 3e-4,
    from: { teacher: "tiny", "teacher-lora": "lightning-squared-8" },
    // its teacher has the guidance in it
    options: { ...rank, guidance: "1", "student-steps": "4", "teacher-steps": "2" },
    ships: false,
  },
  {
    ...progressive,
    name: "lightning-conditional-4",
    iterations: 200,
    learningRate: 3e-5,
    from: { teacher: "tiny", "teacher-lora": "lightning-squared-8", start: "lightning-squared-4" },
    options: { ...rank, "student-steps": "4", "teacher-steps": "2", adversarial: "conditional" },
    ships: false,
  },
  {
    ...progressive,
    name: "tiny-lightning",
    iterations: 100,
    learningRate: 3e-5,
    from: { teacher: "tiny", "teacher-lora": "lightning-squared-8", start: "lightning-conditional-4" },
    options: { ...rank, "student-steps": "4", "teacher-steps": "2", adversarial: "unconditional" },
  },
  {
    ...adapter,
    name: "tiny-hyper",
    verb: "hyper",
    iterations: 900,
    learningRate: 4e-4,
    from: { teacher: "tiny" },
    options: { ...rank, guidance: "1.5,2", grid: "40", "student-steps": "4" },
  },
  {
    ...adapter,
    name: "tiny-turbo",
    verb: "turbo",
    iterations: 450,
    learningRate: 2e-4,
    from: { teacher: "tiny" },
    options: { ...rank, guidance: "3", "noise-alone": "0.25", "distillation-weight": "2" },
  },
  // it only scores, and lies in packages/tiny/judge: the numbers of packages/tiny/src/judge
  {
    name: "judge",
    verb: "judge",
    iterations: 3000,
    batch: 32,
    seed: 7101,
    learningRate: 2e-3,
    pictures: 96_000,
    from: {},
    options: {},
    ships: false,
    further: true,
  },
  // the numbers of packages/tiny/src/critic
  {
    name: "critic",
    verb: "critic",
    iterations: 2000,
    batch: 32,
    seed: 311,
    learningRate: 1e-3,
    pictures: 64_000,
    from: {},
    options: {},
    ships: false,
    further: true,
  },
  {
    ...further,
    name: "tiny-hyper-1",
    verb: "hyper",
    iterations: 300,
    learningRate: 5e-5,
    from: { teacher: "tiny", start: "tiny-hyper" },
    options: { ...rank, guidance: "2,3.5", "first-steps": "2", "student-steps": "1" },
  },
  {
    ...further,
    name: "tiny-hyper-score-1",
    verb: "hyper",
    iterations: 150,
    learningRate: 2e-5,
    from: { teacher: "tiny", start: "tiny-hyper-1" },
    options: { ...rank, guidance: "3", "student-steps": "1", "score-distillation": "" },
  },
  {
    ...further,
    name: "tiny-hyper-feedback-4",
    verb: "hyper",
    iterations: 150,
    learningRate: 2e-5,
    from: { teacher: "tiny", start: "tiny-hyper", feedback: "critic" },
    options: { ...rank, guidance: "2,3.5", "first-steps": "4", "student-steps": "4" },
  },
  {
    ...further,
    name: "tiny-hyper-8-cfg",
    verb: "hyper",
    iterations: 300,
    learningRate: 2e-4,
    from: { teacher: "tiny" },
    options: { ...rank, "student-steps": "8", "keep-guidance": "3" },
  },
  // judged as pictures, in the place of latents
  {
    ...further,
    name: "tiny-turbo-pictures",
    verb: "turbo",
    iterations: 400,
    learningRate: 5e-5,
    from: { teacher: "tiny", critic: "critic" },
    options: { ...rank, guidance: "2.5" },
  },
];

/** The stage's file in the folder of results. */
export const stageFile = (name: string): string => `${name}.safetensors`;

export interface StageCommand {
  readonly program: "fewstep" | "train:classifier";
  readonly arguments: readonly string[];
}

/** What does the stage. `folder` holds results, states, caches and sheets. */
export function stageCommand(stage: TrainingStage, folder: string): StageCommand {
  if (!isClassifier(stage.verb)) return { program: "fewstep", arguments: stageArguments(stage, folder) };
  const files = [`${folder}/${stageFile(stage.name)}`, `${folder}/${stage.name}-state`];
  return { program: "train:classifier", arguments: [stage.verb, ...files, String(stage.iterations)] };
}

/** The arguments of `fewstep` that do a stage that is no classifier's. */
export function stageArguments(stage: TrainingStage, folder: string): readonly string[] {
  const named = { ...stage.options, ...mapped(stage.from, (name) => `${folder}/${stageFile(name)}`) };
  return [
    "train",
    stage.verb,
    ...["--data", "illustrator", "--pictures", String(stage.pictures)],
    ...["--steps", String(stage.iterations), "--batch", String(stage.batch)],
    ...["--seed", String(stage.seed), "--learning-rate", String(stage.learningRate)],
    ...Object.entries(named).flatMap(([option, value]) => (value === "" ? [`--${option}`] : [`--${option}`, value])),
    ...(stage.verb === "vae" ? [] : ["--cache", `${folder}/cache`]),
    ...["--resume", `${folder}/${stage.name}-state`, "--sheets", `${folder}/sheets/${stage.name}`],
    ...["--out", `${folder}/${stageFile(stage.name)}`],
  ];
}

function mapped<T>(record: Readonly<Record<string, T>>, change: (value: T) => T): Readonly<Record<string, T>> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value)]));
}
