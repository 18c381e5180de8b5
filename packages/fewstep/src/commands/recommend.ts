// `fewstep recommend`: which accelerators fit a model, by data alone and a calibration of seconds; no picture is kept.
import { modelFolders } from "@fewstep/core/node";
import { Command } from "commander";
import type { ModelAdvice, ModelRecommendation } from "../compare/recommend-model.js";
import { interruptible } from "../interruption.js";
import { processOutput } from "../output.js";
import { whole, word } from "../run/parse-values.js";
import { duration } from "../run/progress.js";
import { readSettings } from "../settings.js";

const DEVICES = ["cpu", "webgpu", "cuda", "dml"] as const;

interface RecommendCommandOptions {
  readonly model: string;
  readonly commercial?: boolean;
  readonly negativePrompt?: boolean;
  readonly maxCalls?: number;
  /** False: --no-measure. */
  readonly measure: boolean;
  readonly device?: (typeof DEVICES)[number];
  readonly threads?: number;
  readonly json?: boolean;
}

export function recommendCommand(): Command {
  return new Command("recommend")
    .description("Which accelerators fit a model, what their licences allow, and how long each takes here.")
    .requiredOption("--model <file>", "checkpoint: a .safetensors file, a diffusers folder, or a name in your folders")
    .option("--commercial", "only those whose licence allows selling pictures")
    .option("--negative-prompt", "only those with which a negative prompt acts")
    .option("--max-calls <n>", "only those of at most so many network calls a picture", whole("max-calls", 1, 1_000))
    .option("--no-measure", "do not measure this machine (about 10 seconds, once for each model)")
    .option("--device <name>", `${DEVICES.join(", ")}: where to compute; default: cpu`, word("device", DEVICES))
    .option("--threads <n>", "threads to compute with", whole("threads", 1, 1_024))
    .option("--json", "print JSON")
    .action(async (options: RecommendCommandOptions) => {
      const output = processOutput(options.json === true);
      const { recommendModel } = await import("../compare/recommend-model.js");
      const { model, commercial, negativePrompt, maxCalls, measure, device, threads } = options;
      const advice = await interruptible(async (signal) =>
        recommendModel({
          model,
          folders: modelFolders(await readSettings()),
          measure,
          signal,
          note: output.note,
          ...(commercial === undefined ? {} : { commercial }),
          ...(negativePrompt === undefined ? {} : { negativePrompt }),
          ...(maxCalls === undefined ? {} : { networkCalls: maxCalls }),
          ...(device === undefined ? {} : { device }),
          ...(threads === undefined ? {} : { threads }),
        }),
      );
      output.result(adviceText(advice), advice);
    });
}

function adviceText({ model, family, recommendations, fullRun }: ModelAdvice): string {
  const full = fullRun === undefined ? "" : `; its own 25 steps with guidance take about ${duration(fullRun)} here`;
  if (recommendations.length === 0) return `${model} is ${family}${full}; nothing that was published fits what you ask`;
  return [`${model} is ${family}${full}`, ...recommendations.flatMap(lines)].join("\n");
}

function lines(one: ModelRecommendation, index: number): readonly string[] {
  const time = one.seconds === undefined ? "" : `, about ${duration(one.seconds)} a picture here`;
  const where = one.file === undefined ? `get it from ${one.published.join(" or ")}` : `you have it: ${one.file}`;
  const rights = { yes: "commercial use allowed", no: "not for commercial use", unstated: "commercial use not stated" };
  return [
    "",
    `${index + 1}. ${one.accelerator}: ${one.title}`,
    `   ${one.reasons.join("; ")}${time}`,
    `   ${one.licence}, ${rights[one.commercial]}; ${where}`,
    ...one.cautions.map((caution) => `   mind: ${caution}`),
    `   ${one.command}`,
  ];
}
