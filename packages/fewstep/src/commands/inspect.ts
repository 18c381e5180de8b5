// `fewstep inspect`: what a file or folder is, from its header alone; with --deep also whether every weight is a number.
import { readFile, stat } from "node:fs/promises";
import { openFile, openFolder } from "@fewstep/core/node";
import { Command } from "commander";
import { inspectFile, inspectFolder } from "../inspect/inspect-file.js";
import { inspectPicture } from "../inspect/inspect-picture.js";
import { inspectionText } from "../inspect/inspection-text.js";
import { requireFinite, scanWeights } from "../inspect/scan-weights.js";
import { interruptible } from "../interruption.js";
import { processOutput } from "../output.js";

interface InspectOptions {
  readonly deep?: boolean;
  readonly json?: boolean;
}

/** Pictures with their texts stay far below; model files are never read whole. */
const MAX_PICTURE_BYTES = 256_000_000;

export function inspectCommand(): Command {
  return new Command("inspect")
    .description("Say what a file is: checkpoint, LoRA, VAE, picture ..., and what is in it.")
    .argument("<file>", "a file, or a diffusers folder")
    .option("--deep", "read every weight and name tensors with NaN or infinity")
    .option("--json", "print JSON")
    .action(async (path: string, options: InspectOptions) => {
      const output = processOutput(options.json === true);
      await interruptible(async (signal) => {
        const isFolder = await stat(path).then(
          (stats) => stats.isDirectory(),
          () => false,
        );
        const { inspection, weights } = isFolder
          ? await inspectFolder(await openFolder(path), signal)
          : await inspectFile(await openFile(path), signal);
        const isPicture = inspection.kind === "image" && inspection.bytes <= MAX_PICTURE_BYTES;
        const picture = isPicture ? await inspectPicture(await readFile(path, { signal }), signal) : undefined;
        const scan = options.deep ? await scanWeights(weights, process.stderr, signal) : undefined;
        const all = { ...inspection, ...(picture && { picture }), ...(scan && { scan }) };
        output.result(inspectionText(all), all);
        if (scan !== undefined) requireFinite(inspection.name, scan);
      });
    });
}
