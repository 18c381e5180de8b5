// The options of `fewstep train`, read and completed by the method's defaults.
import type { LearningRate, StopBound } from "@fewstep/train";
import type { Command } from "commander";
import { number, whole, word } from "../run/parse-values.js";
import {
  addHyperOptions,
  addLcmOptions,
  addTurboOptions,
  type HyperOnlyOptions,
  type LcmOnlyOptions,
  type TurboOnlyOptions,
} from "./adapter-options.js";
import { DEFAULTS, type Method } from "./methods.js";
import type { OptionRule } from "./option-rules.js";
import { fraction, pixels, range, stopBound } from "./parse-training-values.js";
import { addVaeOptions, type VaeOnlyOptions } from "./vae-options.js";

export interface TrainOptions extends LcmOnlyOptions, HyperOnlyOptions, TurboOnlyOptions, VaeOnlyOptions {
  readonly data: string;
  readonly out: string;
  readonly force?: boolean;
  readonly teacher?: string;
  readonly vae?: string;
  readonly pictures: number;
  readonly size?: number;
  readonly buckets?: boolean;
  readonly prediction: "epsilon" | "v";
  readonly timestepPower: number;
  readonly zeroTerminalSnr?: boolean;
  readonly rank: number;
  readonly alpha?: number;
  readonly steps: number;
  readonly batch: number;
  readonly accumulate: number;
  readonly segments: number;
  readonly learningRate: number;
  readonly decay: LearningRate["decay"];
  readonly guidance: readonly [number, number];
  readonly studentSteps: number;
  readonly teacherSteps: number;
  readonly teacherLora?: string;
  readonly start?: string;
  readonly adversarial?: "conditional" | "unconditional";
  readonly resume?: string;
  readonly saveEvery: number;
  readonly until?: StopBound;
  readonly cache?: string;
  readonly sheets?: string;
  readonly sheetEvery: number;
  readonly dryRun?: boolean;
  readonly threads?: number;
  readonly device: "cpu" | "webgpu";
  readonly seed: number;
  readonly json?: boolean;
}

const MAX_STEPS = 10_000_000;
const MAX_SEED = 2 ** 32 - 1;

/** Only what the method knows: an option of another method is bad usage. */
export function addTrainOptions(command: Command, method: Method): Command {
  const { steps, batch, learningRate } = DEFAULTS[method];
  const positive = (option: string, most: number) => whole(option, 1, most);
  command
    .requiredOption("--data <folder>", "captioned pictures (.txt beside them, or metadata.jsonl), or `illustrator`")
    .requiredOption("--out <file>", "the .safetensors file to write")
    .option("--force", "replace the file if it is there")
    .option("--pictures <n>", "how many pictures the illustrator draws", positive("pictures", 10_000_000), 20_000)
    .option("--steps <n>", "training iterations", positive("steps", MAX_STEPS), steps)
    .option("--batch <n>", "pictures an iteration", positive("batch", 4096), batch)
    .option(
      "--accumulate <n>",
      "split each batch into this many parts, to save memory",
      positive("accumulate", 4096),
      1,
    )
    .option(
      "--segments <n>",
      "keep the activations of one of so many parts of the network, and compute the others again: less memory, more time",
      positive("segments", 256),
      1,
    )
    .option("--learning-rate <x>", "largest learning rate", fraction("learning-rate"), learningRate.peak)
    .option(
      "--decay <name>",
      "of the learning rate: constant, or half a cosine down to its end",
      word("decay", ["constant", "cosine"] as const),
      learningRate.decay,
    )
    .option("--seed <n>", "of first weights, order and noise", whole("seed", 0, MAX_SEED), 1)
    .option(
      "--resume <folder>",
      "keep the training state here, and go on from it if there is one; default: OUT.training",
    )
    .option("--save-every <n>", "iterations between saved states", positive("save-every", MAX_STEPS), 250)
    .option("--until <bound>", "end early, by the mean of 50 iterations: psnr>25, loss<0.2 ...", stopBound("until"))
    .option("--sheets <folder>", "write a sheet of pictures here while training")
    .option("--sheet-every <n>", "iterations between sheets", positive("sheet-every", MAX_STEPS), 500)
    .option("--dry-run", "say memory, time a step and total, and train nothing")
    .option("--threads <n>", "threads to compute with; default: as many as the machine runs", positive("threads", 1024))
    .option("--device <name>", "cpu or webgpu", word("device", ["cpu", "webgpu"] as const), "cpu")
    .option("--json", "print JSON");
  if (method === "vae") return addVaeOptions(command);
  command.option("--cache <folder>", "where latents and text states are kept; default: fewstep's cache folder");
  if (method === "base")
    return command
      .requiredOption("--vae <file>", "the autoencoder whose latents are learned")
      .option("--prediction <type>", "epsilon or v", word("prediction", ["epsilon", "v"] as const), "v")
      .option(
        "--timestep-power <x>",
        "draw noisy timesteps more often, by t to this power: captions are learned there",
        number("timestep-power"),
        0,
      )
      .option("--zero-terminal-snr", "leave no picture in the last timestep's noise: sampling starts from noise alone")
      .option("--start <file>", "the checkpoint of the same sizes to go on from; default: nothing");
  command
    .requiredOption("--teacher <file>", "the SD1.5 checkpoint that is distilled")
    .option("--size <pixels>", "side of the training pictures; default: the teacher's", pixels("size"))
    .option("--buckets", "keep the pictures' shapes, each batch of one, instead of cutting them to squares")
    .option("--rank <n>", "of the LoRA", positive("rank", 1024), 16)
    .option("--alpha <x>", "of the LoRA; default: its rank", number("alpha"))
    .option(
      "--guidance <w,w>",
      "the teacher's guidance scale: a number, or the range it is drawn from",
      range("guidance"),
      [2, 3.5] as const,
    )
    .option("--start <file>", "what to go on from: a LoRA of the same rank; of one step, a UNet");
  switch (method) {
    case "lightning":
      return command
        .option("--student-steps <n>", "the steps it is made for; 1 makes a UNet", positive("student-steps", 128), 4)
        .option(
          "--teacher-steps <n>",
          "steps of the teacher that one of them replaces",
          positive("teacher-steps", 16),
          2,
        )
        .option("--teacher-lora <file>", "the LoRA of the stage before: teacher of this one, and where it starts")
        .option(
          "--adversarial <kind>",
          "conditional, or unconditional: the stages after the first; without it, squared error and guidance",
          word("adversarial", ["conditional", "unconditional"] as const),
        );
    case "hyper":
      return addHyperOptions(command);
    case "turbo":
      return addTurboOptions(command);
    case "lcm":
      return addLcmOptions(command);
  }
  return method satisfies never;
}

export const BASE_RULES: readonly OptionRule<TrainOptions>[] = [
  {
    broken: ({ zeroTerminalSnr, prediction }) => zeroTerminalSnr === true && prediction === "epsilon",
    why: "at the last timestep, pure noise, epsilon says nothing of the picture",
    found: () => "--zero-terminal-snr --prediction epsilon",
    expected: "--prediction v with --zero-terminal-snr",
  },
];
