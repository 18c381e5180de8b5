// `fewstep plan`: what a run would do, row by row, with nothing loaded: from a family's name, or from a checkpoint's header.
import { type FamilyId, families, type GeneratePlan, type PlanFacts, planGenerate } from "@fewstep/core";
import { accelerate, modelFolders, variantsNamed } from "@fewstep/core/node";
import { Command, Option } from "commander";
import { interruptible } from "../interruption.js";
import { processOutput } from "../output.js";
import { fileNotes, openRun } from "../run/open-run.js";
import { word } from "../run/parse-values.js";
import { planTable } from "../run/plan-table.js";
import { planPrompt } from "../run/prompt-run.js";
import { checkedPrompt } from "../run/read-prompts.js";
import { addRequestOptions, type RequestOptions, requestOf } from "../run/request-options.js";
import { readSettings } from "../settings.js";

interface PlanOptions extends RequestOptions {
  readonly family: FamilyId;
  readonly json?: boolean;
}

const FAMILIES = Object.keys(families) as readonly FamilyId[];

export function planCommand(): Command {
  return addRequestOptions(
    new Command("plan").description("Show what a run would do, step by step.").argument("[prompt]", "as for generate"),
  )
    .addOption(
      new Option("--family <name>", `${FAMILIES.join(", ")}: where no --model says it`)
        .default("sd15")
        .argParser(word("family", FAMILIES)),
    )
    .option("--json", "print the plan as JSON")
    .action(async (prompt: string | undefined, options: PlanOptions) => {
      const output = processOutput(options.json === true);
      const { plan, notes } = await interruptible((signal) => planned(checkedPrompt(prompt ?? ""), options, signal));
      for (const note of notes) output.note(note);
      output.result(planTable(plan), plan);
    });
}

interface Planned {
  readonly plan: GeneratePlan;
  readonly notes: readonly string[];
}

async function planned(prompt: string, options: PlanOptions, signal: AbortSignal): Promise<Planned> {
  const seed = options.seed ?? 0n;
  if (options.model === undefined) return ofFamily(prompt, seed, options);
  const folders = modelFolders(await readSettings());
  const files = await openRun(options, folders, signal);
  const { plan, loras, line } = await planPrompt(prompt, seed, { files, options, folders, signal });
  return { plan, notes: [...fileNotes({ ...files, loras }), ...(line === undefined ? [] : [line])] };
}

/** Without a file an accelerator is taken in its first published form. */
function ofFamily(prompt: string, seed: bigint, options: PlanOptions): Planned {
  const family = families[options.family];
  const facts: PlanFacts = {
    family,
    prediction: family.prediction,
    zeroTerminalSnr: false,
    embeddedGuidance: false,
  };
  const request = requestOf(prompt, options, seed);
  if (options.accelerator === undefined) return { plan: planGenerate(facts, request), notes: [] };
  const [variant] = variantsNamed(options.accelerator, family.id);
  const { request: filled, line } = accelerate(variant!, request);
  return { plan: planGenerate(facts, filled), notes: [line] };
}
