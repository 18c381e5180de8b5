// The command line: verbs, help, and what becomes of errors. Each verb is a file in commands/, loaded when it is called.
import { Command, CommanderError } from "commander";
import { bakeCommand } from "./commands/bake.js";
import { compareCommand } from "./commands/compare.js";
import { configCommand } from "./commands/config.js";
import { defaultsCommand } from "./commands/defaults.js";
import { diffCommand } from "./commands/diff.js";
import { explainCommand } from "./commands/explain.js";
import { extractCommand } from "./commands/extract.js";
import { fitCommand } from "./commands/fit.js";
import { generateCommand } from "./commands/generate.js";
import { inspectCommand } from "./commands/inspect.js";
import { lintCommand } from "./commands/lint.js";
import { planCommand } from "./commands/plan.js";
import { recommendCommand } from "./commands/recommend.js";
import { replayCommand } from "./commands/replay.js";
import { stackCommand } from "./commands/stack.js";
import { trainCommand } from "./commands/train.js";
import { exitCodeOf } from "./exit-codes.js";
import { errorJson, errorText } from "./report-error.js";
import { usageError } from "./usage-errors.js";
import { VERSION } from "./version.js";

const BAD_USAGE = 2;

const EXAMPLES = `
Examples:
  A picture in four steps, from files as downloaded:
    fewstep generate "a cat" --model sd15.safetensors --lora lcm.safetensors --out cat.png
  The same, said in full:
    fewstep generate "a cat" --model sd15.safetensors --lora lcm.safetensors:1 --steps 4 --cfg 1 --sampler lcm --seed 7 --out cat.png
  The picture again, verified, and in what two differ:
    fewstep replay cat.png
    fewstep diff cat.png other.png
  What a file is, and what a run would do:
    fewstep inspect model.safetensors
    fewstep plan --family sdxl --steps 4 --sampler euler --schedule trailing
  Models by name, from folders of ComfyUI or A1111:
    fewstep config comfyui ~/ComfyUI
`;

export function createProgram(): Command {
  const program = new Command("fewstep")
    .description("Stable Diffusion pictures in 1 to 8 steps, from checkpoints and LoRAs as they are.")
    .version(VERSION)
    .usage("[options] <command>")
    .helpCommand(true)
    .showSuggestionAfterError()
    .addHelpText("after", EXAMPLES)
    // bare: help, and no complaint; a verb that is none is bad usage
    .argument("[command]")
    .action((verb: string | undefined, _options, command: Command) => {
      if (verb === undefined) command.outputHelp();
      else command.error(`error: unknown command '${verb}'\n(fewstep --help lists the commands)`);
    });
  for (const command of [
    generateCommand(),
    inspectCommand(),
    planCommand(),
    lintCommand(),
    explainCommand(),
    fitCommand(),
    stackCommand(),
    replayCommand(),
    diffCommand(),
    compareCommand(),
    recommendCommand(),
    bakeCommand(),
    extractCommand(),
    trainCommand(),
    configCommand(),
    defaultsCommand(),
  ]) {
    program.addCommand(command);
  }
  for (const command of [program, ...program.commands, ...program.commands.flatMap(({ commands }) => commands)])
    command
      .exitOverride()
      .configureHelp({ showGlobalOptions: false })
      .configureOutput({ outputError: (text, write) => write(usageError(command, text)) });
  return program;
}

/** Runs the command line and answers its exit code. */
export async function runProgram(args: readonly string[]): Promise<number> {
  // a reader that has seen enough (`fewstep generate | head`) is no failure, and files are made all the same
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") process.exit(1);
  });
  try {
    await createProgram().parseAsync(args, { from: "user" });
    return 0;
  } catch (error) {
    // commander has said it already
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : BAD_USAGE;
    process.stderr.write(errorText(error));
    if (args.includes("--json")) process.stdout.write(errorJson(error));
    return exitCodeOf(error);
  }
}
