// `fewstep compare`: a grid of accelerators, steps, strengths ... over prompts and seeds, in one folder with scores and a report.
import { FewstepError, type Goal, type Report } from "@fewstep/core";
import { modelFolders } from "@fewstep/core/node";
import { Command } from "commander";
import { type CompareFlags, requestOfFlags, words } from "../compare/compare-options.js";
import type { ComparisonOptions } from "../compare/run-comparison.js";
import { interruptible } from "../interruption.js";
import { processOutput } from "../output.js";
import { number, numbers, whole, word } from "../run/parse-values.js";
import { addChoiceOptions } from "../run/prompt-choices.js";
import { readSettings } from "../settings.js";

const DEVICES = ["cpu", "webgpu", "cuda", "dml"] as const;
const MAX_THREADS = 1_024;

interface CompareCommandOptions extends CompareFlags {
  readonly out: string;
  readonly file?: string;
  readonly maxSeconds?: number;
  readonly maxMemory?: number;
  readonly clip?: string;
  readonly device?: (typeof DEVICES)[number];
  readonly threads?: number;
  readonly dryRun?: boolean;
  readonly reportOnly?: boolean;
  readonly json?: boolean;
}

const repeated = (text: string, before: readonly string[]): readonly string[] => [...before, text];

export function compareCommand(): Command {
  const command = new Command("compare")
    .description("Compare accelerators and settings: pictures, scores, a report and a recommendation, in one folder.")
    .requiredOption("--out <folder>", "the comparison's folder; run again with the same one to go on or to add values")
    .option("--model <file>", "checkpoint; may be repeated", repeated, [] as readonly string[])
    .option(
      "--lora <[name=]file[:strength]>",
      "a LoRA; lcm=FILE says which accelerator it is; may be repeated",
      repeated,
      [] as readonly string[],
    )
    .option("--prompt <text>", "may be repeated", repeated, [] as readonly string[])
    .option("--negative <text>", "what shall not be in the picture");
  return addChoiceOptions(command)
    .option(
      "--accelerators <list>",
      "lcm, lightning, hyper-8-cfg ..., none; default: what the LoRAs are",
      words("accelerators"),
    )
    .option("--steps <list>", "default: as each publisher says", numbers("steps"))
    .option("--strengths <list>", "of the accelerator's LoRA", numbers("strengths"))
    .option("--cfg <list>", "guidance; 1 is none", numbers("cfg"))
    .option("--samplers <list>", "names of fewstep, ComfyUI, A1111 or diffusers", words("samplers"))
    .option("--schedules <list>", "trailing, karras, sgm_uniform ...", words("schedules"))
    .option("--seeds <list>", "default: 0; five or more tell luck from settings", words("seeds"))
    .option("--sizes <list>", "512x512,512x768; default: the family's", words("sizes"))
    .option("--clip-skip <n>", "2 takes the penultimate layer of the text encoder", whole("clip-skip", 1, 12))
    .option("--title <text>", "title of the report")
    .option("--no-reference", "no 25-step pictures to measure against")
    .option("--file <file>", "the comparison as YAML or JSON, in place of the flags above")
    .option(
      "--guide",
      "the guide's nine runs, each beside its publisher's settings and a 25-step reference; without --model on the embedded model",
    )
    .option("--max-seconds <n>", "recommend the best quality within this time a picture", number("max-seconds"))
    .option("--max-memory <gb>", "recommend the best quality within this memory", number("max-memory"))
    .option("--clip <file>", "a CLIP checkpoint with a picture encoder: adds CLIP scores")
    .option("--device <name>", `${DEVICES.join(", ")}: where to compute; default: cpu`, word("device", DEVICES))
    .option("--threads <n>", "threads to compute with", whole("threads", 1, MAX_THREADS))
    .option("--dry-run", "plan and estimate, compute nothing")
    .option("--report-only", "write the report of a folder again, without its models")
    .option("--json", "print the report as JSON")
    .action(async (options: CompareCommandOptions) => {
      const output = processOutput(options.json === true);
      const { createComparisonProgress } = await import("../compare/comparison-progress.js");
      const { reportOnly, runComparison } = await import("../compare/run-comparison.js");
      const budget = budgetOf(options);
      const result = await interruptible(async (signal) => {
        const progress = createComparisonProgress(process.stderr);
        const shared = {
          signal,
          onEvent: progress.show,
          ...(budget === undefined ? {} : { budget }),
          ...(options.clip === undefined ? {} : { clip: options.clip }),
          ...(options.threads === undefined ? {} : { threads: options.threads }),
        };
        try {
          if (options.reportOnly) return await reportOnly(options.out, shared);
          return await runComparison({
            ...shared,
            request: await requestOf(options),
            out: options.out,
            folders: modelFolders(await readSettings()),
            ...(options.device === undefined ? {} : { device: options.device }),
            ...(options.dryRun === undefined ? {} : { planOnly: options.dryRun }),
          });
        } finally {
          progress.end();
        }
      });
      output.result(summary(result.report, result.files), { ...result.report, files: result.files });
    });
}

async function requestOf({ file, guide, ...flags }: CompareCommandOptions): Promise<ComparisonOptions["request"]> {
  if (file === undefined) return requestOfFlags({ ...flags, ...(guide === undefined ? {} : { guide }) });
  const { readComparisonFile } = await import("../compare/read-comparison-file.js");
  const mixed = (["model", "lora", "prompt"] as const).filter((name) => flags[name].length > 0);
  if (mixed.length > 0 || guide === true) {
    throw new FewstepError({
      code: "file-and-flags",
      message: "a comparison comes from a file or from flags",
      found: `--file and ${[...mixed, ...(guide ? ["guide"] : [])].map((name) => `--${name}`).join(", ")}`,
      hint: "write everything into the file, or leave --file out",
    });
  }
  return readComparisonFile(file);
}

function budgetOf({ maxSeconds, maxMemory }: CompareCommandOptions): Goal | undefined {
  if (maxSeconds === undefined && maxMemory === undefined) return undefined;
  return {
    kind: "budget",
    ...(maxSeconds === undefined ? {} : { seconds: maxSeconds }),
    ...(maxMemory === undefined ? {} : { bytes: maxMemory * 1e9 }),
  };
}

function summary({ cells, recommendations, advice, notTried, licences }: Report, files: readonly string[]): string {
  const count = (status: string) => cells.filter((cell) => cell.status === status).length;
  const empty = cells.filter((cell) => cell.status === "empty");
  const failed = cells.filter((cell) => cell.status === "failed");
  return [
    `${count("done")} pictures, ${failed.length} failed, ${empty.length} empty`,
    ...[
      ...new Set(
        [...failed, ...empty].map(({ settings, reason }) => `  ${settings.accelerator}: ${reason?.message ?? ""}`),
      ),
    ],
    ...recommendations.map(({ goal, statement }) => `${goal.kind}: ${statement}`),
    ...advice
      .filter(({ outcome }) => outcome !== "not-tried")
      .map(({ advice: said, outcome, found }) => `the guide says: ${said} This run: ${outcome}; ${found}`),
    ...(licences.length === 0 ? [] : ["licences:", ...licences.map((line) => `  ${line}`)]),
    ...(notTried.length === 0 ? [] : ["not tried:", ...notTried.map((line) => `  ${line}`)]),
    ...files,
  ].join("\n");
}
