// `fewstep replay`: makes a picture again from what its file says, and verifies it.
import { toolNames } from "@fewstep/core";
import { Command, Option } from "commander";
import { interruptible } from "../interruption.js";
import { processOutput } from "../output.js";
import type { ReplayOptions } from "../replay/replay-options.js";
import { type EmbeddingOption, parseEmbedding } from "../run/embedding-option.js";
import { type LoraOption, parseLora } from "../run/lora-option.js";
import { NOISE_SOURCES } from "../run/noise-options.js";
import { whole, word } from "../run/parse-values.js";

const DEVICES = ["cpu", "webgpu", "cuda", "dml"] as const;

export function replayCommand(): Command {
  return new Command("replay")
    .description("Make a picture again from what its file says, and say whether it is the same.")
    .argument("<picture>", "a PNG; JPEG and WebP if the sharp package is installed")
    .option("--model <file>", "the checkpoint; default: the one of this name in your folders")
    .addOption(
      new Option("--lora <file>", "a LoRA of the picture, known by its name; may be repeated")
        .default([] as readonly LoraOption[], "those of these names in your folders")
        .argParser((text: string, before: readonly LoraOption[]) => [...before, parseLora(text)]),
    )
    .addOption(
      new Option("--embedding <[name=]file>", "a textual inversion of the picture; may be repeated")
        .default([] as readonly EmbeddingOption[], "those of these names in your folders")
        .argParser((text: string, before: readonly EmbeddingOption[]) => [...before, parseEmbedding(text)]),
    )
    .option("--unet <file>", "the UNet that replaced the model's")
    .option("--vae <file>", "the VAE that replaced the model's")
    .option("--taesd <file>", "the TAESD that it was decoded with")
    .option("--init <file>", "the picture that it was started from")
    .option("--mask <file>", "the mask of that")
    .option(
      "--like <tool>",
      `as ${toolNames.join(", ")} would; default: the tool that made it`,
      word("like", toolNames),
    )
    .option(
      "--step-source <source>",
      "where another tool drew the noise of its steps; philox: on an NVIDIA GPU",
      word("step-source", NOISE_SOURCES),
    )
    .option("--out <file>", "keep what is made, as PNG")
    .option("--force", "replace a file that is there")
    .option("--anyway", "make it though a file is not the one that the picture names")
    .option("--device <name>", `${DEVICES.join(", ")}: where to compute; default: cpu`, word("device", DEVICES))
    .option("--threads <n>", "threads to compute with", whole("threads", 1, 1_024))
    .option("--json", "print the comparison as JSON")
    .action(async (picture: string, options: ReplayOptions) => {
      const output = processOutput(options.json === true);
      const { replayRun } = await import("../replay/replay-run.js");
      await interruptible((signal) => replayRun(picture, options, output, signal));
    });
}
