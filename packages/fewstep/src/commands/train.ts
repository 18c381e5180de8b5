// `fewstep train METHOD`: options are read here; the run itself is train/train-run.ts.
import { readFile } from "node:fs/promises";
import { writeFileAtomically } from "@fewstep/core/node";
import { Command } from "commander";
import { interruptible } from "../interruption.js";
import { processOutput } from "../output.js";
import { DEFAULTS, METHODS, type Method } from "../train/methods.js";
import { addTrainOptions, type TrainOptions } from "../train/train-options.js";

export function trainCommand(): Command {
  const command = new Command("train").description("Train a model, or distil an accelerator LoRA from one.");
  for (const method of METHODS) command.addCommand(methodCommand(method));
  return command.addCommand(chartCommand());
}

function chartCommand(): Command {
  return new Command("chart")
    .description("Draw a training's log.jsonl as an SVG.")
    .argument("<log>", "log.jsonl of a training's state folder")
    .argument("<svg>", "the file to write")
    .option("--force", "replace the file if it is there")
    .action(async (log: string, out: string, { force = false }: { readonly force?: boolean }) => {
      const { chartSvg, parseLog } = await import("../train/chart.js");
      const svg = chartSvg(parseLog(await readFile(log, "utf8")), log);
      await writeFileAtomically(out, new TextEncoder().encode(svg), { replace: force });
      processOutput(false).result(`wrote ${out}`, undefined);
    });
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
