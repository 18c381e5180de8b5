// `fewstep generate`: prompts to PNG files. Options are read here; the run itself is run/generate-run.ts.
import { writableTools } from "@fewstep/core";
import { Command } from "commander";
import { interruptible } from "../interruption.js";
import { processOutput } from "../output.js";
import type { GenerateOptions } from "../run/generate-options.js";
import { whole, word, words } from "../run/parse-values.js";
import { addPictureOptions } from "../run/picture-options.js";
import { addChoiceOptions } from "../run/prompt-choices.js";
import { addRequestOptions } from "../run/request-options.js";

const DEVICES = ["cpu", "webgpu", "cuda", "dml"] as const;
const MAX_THREADS = 1_024;

export function generateCommand(): Command {
  const command = new Command("generate")
    .description("Make pictures.")
    .argument("[prompt]", "what shall be in the picture");
  return addChoiceOptions(addPictureOptions(addRequestOptions(command)))
    .option("--prompts-file <file>", "prompts from a file, one a line; - reads standard input")
    .option(
      "--out <file>",
      "ends in .png, .jpg or .webp; {seed}, {subseed} and {prompt} stand for themselves (the prompt's number); default: fewstep.png, or fewstep-2.png ... if it is taken",
    )
    .option("--quality <n>", "of JPEG and WebP, 1 to 100; default 90", whole("quality", 1, 100))
    .option("--force", "replace files that are there")
    .option("--taesd <file>", "decode with a TAESD file: fast and nearly the VAE's picture")
    .option("--preview", "write the picture so far beside the output after every step (by TAESD if one is given)")
    .option("--device <name>", `${DEVICES.join(", ")}: where to compute; default: cpu`, word("device", DEVICES))
    .option(
      "--threads <n>",
      "threads to compute with; default: as many as the machine runs",
      whole("threads", 1, MAX_THREADS),
    )
    .option(
      "--memory <kind>",
      "low: least memory (default); fast: a little faster a step",
      word("memory", ["low", "fast"]),
    )
    .option(
      "--fold <when>",
      "fold LoRAs into the weights: auto (default: by the number of steps), always, never",
      word("fold", ["auto", "always", "never"]),
    )
    .option(
      "--metadata <list>",
      `whose forms of metadata go into the picture beside fewstep's: ${writableTools.join(", ")}; default: a1111`,
      words("metadata", writableTools),
    )
    .option("--strict", "make nothing where the linter warns (fewstep lint)")
    .option("--json", "print a line of JSON for each picture")
    .action(async (prompt: string | undefined, options: GenerateOptions & { readonly json?: boolean }) => {
      const { generateRun } = await import("../run/generate-run.js");
      const output = processOutput(options.json === true);
      await interruptible((signal) => generateRun(prompt, options, output, signal));
    });
}
