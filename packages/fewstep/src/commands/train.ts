// `fewstep train METHOD`: options are read here; the run itself is train/train-run.ts.
import { Command } from "commander";
import { interruptible } from "../interruption.js";
import { processOutput } from "../output.js";
import { DEFAULTS, METHODS, type Method } from "../train/methods.js";
import { addTrainOptions, type TrainOptions } from "../train/train-options.js";

export function trainCommand(): Command {
  const command = new Command("train").description("Train a model, or distil an accelerator LoRA from one.");
  for (const method of METHODS) command.addCommand(methodCommand(method));
  return command;
}

function methodCommand(method: Method): Command {
  return addTrainOptions(new Command(method).description(`Train ${DEFAULTS[method].title}.`), method).action(
    async (options: TrainOptions) => {
      const { trainRun } = await import("../train/train-run.js");
      const output = processOutput(options.json === true);
      await interruptible((signal) => trainRun(method, options, output, signal));
    },
  );
}
