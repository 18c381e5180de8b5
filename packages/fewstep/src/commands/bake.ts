// `fewstep bake`: a checkpoint with LoRAs in its weights, as a checkpoint for any program. The work is bake/bake-run.ts.
import type { BakeDType } from "@fewstep/core";
import { Command, Option } from "commander";
import type { BakeRunOptions } from "../bake/bake-run.js";
import { interruptible } from "../interruption.js";
import { processOutput } from "../output.js";
import { type LoraOption, parseLora } from "../run/lora-option.js";
import { whole, word } from "../run/parse-values.js";
import { LORA_FLAG } from "../run/request-options.js";

const DTYPES: readonly BakeDType[] = ["keep", "f32", "f16", "bf16", "f8e4m3", "f8e5m2"];

export function bakeCommand(): Command {
  return new Command("bake")
    .description("Write a checkpoint with LoRAs in its weights, which any program reads.")
    .requiredOption("--model <file>", "checkpoint: a .safetensors file, a diffusers folder, or a name in your folders")
    .addOption(
      new Option(LORA_FLAG, "a LoRA, its strength, factors of blocks as down.1=0.5,mid=0; may be repeated")
        .default([] as readonly LoraOption[], "none")
        .argParser((text: string, before: readonly LoraOption[]) => [...before, parseLora(text)]),
    )
    .requiredOption("--out <file>", "the .safetensors file to write")
    .addOption(
      new Option("--dtype <type>", `${DTYPES.join(", ")}: how weights are stored; keep: as they are`)
        .default("keep")
        .argParser(word("dtype", DTYPES)),
    )
    .option("--no-config", "write no folder of configs for diffusers beside it")
    .option("--threads <n>", "threads to compute with", whole("threads", 1, 1_024))
    .option("--force", "replace the file if it is there")
    .option("--json", "print JSON")
    .action(async (options: BakeRunOptions) => {
      const { bakeRun } = await import("../bake/bake-run.js");
      const output = processOutput(options.json === true);
      await interruptible((signal) => bakeRun(options, output, signal));
    });
}
