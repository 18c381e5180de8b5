// `fewstep extract`: the LoRA between two checkpoints. The work is extract/extract-run.ts.
import { Command, Option } from "commander";
import type { ExtractRunOptions } from "../extract/extract-run.js";
import { interruptible } from "../interruption.js";
import { processOutput } from "../output.js";
import { number, whole, word } from "../run/parse-values.js";

const DTYPES = ["f16", "bf16", "f32"] as const;
/** The widest layers of SDXL have 1,280 rows: a LoRA of that rank is the layer itself. */
const MAX_RANK = 1_280;

export function extractCommand(): Command {
  return new Command("extract")
    .description("Make the LoRA that leads from one checkpoint to another, and say what it leaves out.")
    .requiredOption("--base <file>", "the checkpoint to start from: a file, a diffusers folder, or a name")
    .requiredOption("--tuned <file>", "the one that was trained from it")
    .requiredOption("--out <file>", "the .safetensors file to write")
    .option("--rank <n>", "rank of every layer; default: 64", whole("rank", 1, MAX_RANK))
    .option("--conv-rank <n>", "another one for convolutions beyond 1x1", whole("conv-rank", 1, MAX_RANK))
    .option("--energy <share>", "in place of a rank: as many as hold this share of the difference", number("energy"))
    .option("--max-rank <n>", "most that --energy may take; default: 128", whole("max-rank", 1, MAX_RANK))
    .addOption(
      new Option("--dtype <type>", `${DTYPES.join(", ")}: how the factors are stored`)
        .default("f16")
        .argParser(word("dtype", DTYPES)),
    )
    .option("--vectors", "keep the differences of biases and norms whole; few programs read them")
    .option("--no-text", "leave the text encoders out")
    .option("--threads <n>", "threads to compute with", whole("threads", 1, 1_024))
    .option("--force", "replace the file if it is there")
    .option("--json", "print JSON")
    .action(async (options: ExtractRunOptions) => {
      const { extractRun } = await import("../extract/extract-run.js");
      const output = processOutput(options.json === true);
      await interruptible((signal) => extractRun(options, output, signal));
    });
}
